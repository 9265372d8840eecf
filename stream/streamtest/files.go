package streamtest

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// fixture reads a file of real payloads, which are not part of the repository.
func Fixture(t testing.TB, path ...string) []byte {
	t.Helper()
	dir := os.Getenv("NAGARE_FIXTURES")
	if dir == "" {
		t.Skip("NAGARE_FIXTURES doesn't name a directory of real payloads")
	}
	data, err := os.ReadFile(filepath.Join(append([]string{dir}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// zipped is text as gzip writes it.
func Zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cutShort takes the checksum and the length off the end of a gzip file.
func CutShort(file string) string { return file[:len(file)-8] }

// heap is how many bytes are in use.
func Heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first has found in pools goes with the second
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
