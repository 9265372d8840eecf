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

// Fixture reads a file of recorded messages. These files are not in the repository:
// NAGARE_FIXTURES names their directory.
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

// Zipped returns text compressed with gzip.
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

// CutShort returns a gzip file without the checksum and length at its end.
func CutShort(file string) string { return file[:len(file)-8] }

// Heap returns the number of bytes in use on the heap.
func Heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the second run collects what the first released from pools
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
