package recording

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nagare/stream/streamtest"
)

// The test fills a file system of 1 MB.
func TestRecorder_LeavesWholeLinesOnAFullFileSystem(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	defer syscall.Unmount(disk, 0)
	path := filepath.Join(disk, "new.ndjson")
	r := recorderAt(t, path)
	defer r.Close()
	for r.Err() == nil {
		r.Record(streamtest.Created("A"))
	}
	if !errors.Is(r.Err(), syscall.ENOSPC) {
		t.Errorf("got %v, want %v", r.Err(), syscall.ENOSPC)
	}
	got := contents(t, path)
	if !strings.HasSuffix(got, "}\n") || len(got) < 900_000 {
		t.Errorf("the file has %d bytes and ends in %q", len(got), got[len(got)-20:])
	}
	if err := os.Truncate(path, int64(len(got)/2)); err != nil {
		t.Fatal(err)
	}
	again := recorderAt(t, path)
	again.Record(streamtest.Created("B"))
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if ops := replayed(t, path); ops[len(ops)-1] != "create B" {
		t.Errorf("the last op is %s", ops[len(ops)-1])
	}
}

func TestRecorder_MakesAFileThatOnlyItsOwnerCanRead(t *testing.T) {
	for _, umask := range []int{0, 0o277} {
		t.Run(fmt.Sprintf("%o", umask), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new.ndjson")
			defer syscall.Umask(syscall.Umask(umask))
			recorderAt(t, path)
			checkMode(t, path)
		})
	}
	path := filepath.Join(t.TempDir(), "open.ndjson")
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	recorderAt(t, path)
	checkMode(t, path)
}

func TestRecorder_RefusesAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("no pipe can be made here: %v", err)
	}
	if _, err := Open(path, streamtest.Quiet); !errors.Is(err, errNoFile) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line of %v", err, errNoFile)
	}
}
