package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The test records into a file system of 4 KB. When the disk is full, the site goes on. When the
// program ends, its error says that the disk was full.
func TestRecord_AFullDiskIsReportedWhenTheProgramEnds(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4k"); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	defer syscall.Unmount(disk, 0)
	file := filepath.Join(disk, "posts.ndjson")
	p := startCommand(t, []string{"record", file}, "SOURCE=none", "INGEST_TOKEN="+secret)
	for range 3 {
		p.post(strings.Repeat("many words ", 200))
	}
	p.stop()
	err := <-p.ended
	want := "record: write " + file + ": no space left on device"
	if err == nil || err.Error() != want || exitCode(err) != 1 {
		t.Errorf("got %v with exit code %d, want %s with 1", err, exitCode(err), want)
	}
}
