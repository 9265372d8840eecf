package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/streamtest"
)

func recorderAt(t *testing.T, path string) *Recorder {
	t.Helper()
	r, err := Open(path, streamtest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// replayed returns the kind and id of each op in the file.
func replayed(t *testing.T, path string) (ops []string) {
	t.Helper()
	for line := range strings.Lines(contents(t, path)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		op, err := Decode([]byte(line))
		if err != nil {
			t.Errorf("%v in %s", err, line)
		}
		ops = append(ops, string(op.Kind)+" "+op.ID)
	}
	return ops
}

func checkMode(t *testing.T, path string) {
	t.Helper()
	about, err := os.Stat(path)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("mode %o, %v, want 600", about.Mode().Perm(), err)
	}
}

func TestRecorder_WritesEachOpWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "new.ndjson")
		r := recorderAt(t, path)
		for n := range 3 {
			r.Record(streamtest.Created(fmt.Sprint(n)))
			if got := contents(t, path); strings.Count(got, "\n") != n {
				t.Errorf("%q is in the file at once", got)
			}
			time.Sleep(flushInterval)
			synctest.Wait()
			if got := strings.Count(contents(t, path), "\n"); got != n+1 {
				t.Errorf("%d lines after a second, want %d", got, n+1)
			}
		}
		for range flushSize / 100 {
			r.Record(streamtest.Created("A"))
		}
		if contents(t, path) == "" || len(r.lines) >= flushSize {
			t.Errorf("%d bytes wait", len(r.lines))
		}
	})
}

func TestRecorder_RemovesAnIncompleteLastLineBeforeItAppends(t *testing.T) {
	whole := streamtest.Line(1, 0)
	for name, test := range map[string]struct{ before, kept string }{
		"empty":             {"", ""},
		"whole":             {whole, whole},
		"cut":               {whole + streamtest.Line(2, 0)[:40], whole},
		"cut in the first":  {whole[:40], ""},
		"cut at the start":  {`{"o`, ""},
		"cut, and long":     {whole + `{"op":"` + strings.Repeat("x", 3*flushSize), whole},
		"cut by a byte":     {whole + strings.TrimSpace(streamtest.Line(2, 0)), whole},
		"a line of a chunk": {whole + strings.Repeat("x", flushSize-1) + "\n" + "{", whole + strings.Repeat("x", flushSize-1) + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "old.ndjson")
			if err := os.WriteFile(path, []byte(test.before), 0o600); err != nil {
				t.Fatal(err)
			}
			r := recorderAt(t, path)
			r.Record(streamtest.Destroyed("A"))
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			added, ok := strings.CutPrefix(contents(t, path), test.kept)
			if op, err := Decode([]byte(added)); !ok || err != nil || op.ID != "A" {
				t.Errorf("%.60q… was added, %v", added, err)
			}
		})
	}
}

func TestRecorder_RefusesFilesThatAreNoRecordings(t *testing.T) {
	dir := t.TempDir()
	poem := filepath.Join(dir, "poem")
	if err := os.WriteFile(poem, []byte("a line\nand a half"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		poem: "no recording", dir: "is a directory", filepath.Join(dir, "none", "file"): "no such file",
	} {
		if _, err := Open(path, streamtest.Quiet); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	about, err := os.Stat(poem)
	if got := contents(t, poem); got != "a line\nand a half" || err != nil || about.Mode().Perm() != 0o644 {
		t.Errorf("the file was changed to %q, %v", got, about.Mode())
	}
}

func TestRecorder_EndsAtAFullDiskAndLogsThatOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := recorderAt(t, filepath.Join(t.TempDir(), "new.ndjson"))
		r.file, r.log = &faulty{r.file.(*os.File), 0}, slog.New(slog.NewTextHandler(&out, nil))
		for range 3 {
			r.Record(streamtest.Created("A"))
			time.Sleep(flushInterval)
			synctest.Wait()
		}
		if !errors.Is(r.Err(), syscall.ENOSPC) || !errors.Is(r.Close(), syscall.ENOSPC) {
			t.Errorf("got %v, want %v", r.Err(), syscall.ENOSPC)
		}
		if got := strings.Count(out.String(), "recording stopped"); got != 1 {
			t.Errorf("told %d times:\n%s", got, out.String())
		}
		if err := r.Close(); err != nil {
			t.Errorf("closed again: %v", err)
		}
	})
}

// faulty is a file on a disk that has room for that many more bytes.
type faulty struct {
	*os.File
	room int
}

func (f *faulty) Write(p []byte) (int, error) {
	n, err := f.File.Write(p[:min(len(p), f.room)])
	if f.room -= n; n < len(p) && err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

func TestRecorder_LeavesWholeLinesOnAFullDisk(t *testing.T) {
	first, err := Encode(streamtest.Created("A"))
	if err != nil {
		t.Fatal(err)
	}
	for _, room := range []int{0, 1, len(first) - 1, len(first), len(first) + 1, 2*len(first) - 1} {
		path := filepath.Join(t.TempDir(), "new.ndjson")
		r := recorderAt(t, path)
		r.file = &faulty{r.file.(*os.File), room}
		r.Record(streamtest.Created("A"))
		r.Record(streamtest.Created("B"))
		if err := r.Close(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("room for %d: got %v", room, err)
		}
		if got, want := contents(t, path), string(first)[:room/len(first)*len(first)]; got != want {
			t.Errorf("room for %d: got %q, want %q", room, got, want)
		}
	}
}

func TestRecorder_DoesNotRecordInvalidOps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	r := recorderAt(t, path)
	undated, long := streamtest.Created("A"), streamtest.Created("B")
	undated.Post.CreatedAt = time.Time{}
	long.Post.Text[0].Text = strings.Repeat("x", lines.MaxLine)
	for _, op := range []stream.Op{undated, long, streamtest.Created("C")} {
		r.Record(op)
	}
	r.Close()
	if diff := cmp.Diff([]string{"create C"}, replayed(t, path)); diff != "" {
		t.Error(diff)
	}
}

func TestRecorder_AcceptsOpsFromSeveralGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	r := recorderAt(t, path)
	var sources sync.WaitGroup
	for s := range 4 {
		sources.Go(func() {
			for n := range 500 {
				r.Record(streamtest.Created(fmt.Sprint(s, "-", n)))
			}
		})
	}
	sources.Wait()
	r.Close()
	r.Record(streamtest.Created("late"))
	if got := len(replayed(t, path)); got != 2_000 {
		t.Errorf("%d ops are in the file, want 2,000", got)
	}
}

func BenchmarkRecorder(b *testing.B) {
	r := &Recorder{log: streamtest.Quiet, file: nothing{}, index: newIndex(indexedLines)}
	op := streamtest.Created("A")
	b.ReportAllocs()
	for b.Loop() {
		r.Record(op)
	}
	r.Close()
}

type nothing struct {
	io.ReaderAt
	io.WriterAt
}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }
func (nothing) Close() error                { return nil }
func (nothing) Truncate(int64) error        { return nil }
