package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of so many bytes, as "4m".
func smallDisk(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil { // a file that is still open
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// While the disk is full, viewers stay connected and the page is served. Posts of sources wait,
// and those over HTTP are refused. Once there is room, everything goes on by itself.
func TestStore_AFullDiskIsADegradedStateThatEndsByItself(t *testing.T) {
	disk := smallDisk(t, "3m")
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret, "STORE="+filepath.Join(disk, "nagare.db"))
	p.post("first words")
	ws := p.subscribe()
	defer ws.Close()
	p.next(ws, "create")
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	waiting := make(chan int)
	go func() {
		status, _ := p.send("POST", "/streaming", "tweet[id]=waits&tweet[screen_name]=mio&tweet[text]="+strings.Repeat("many+words+", 1000))
		waiting <- status
	}()
	p.until("it is degraded", func() bool { return strings.Contains(p.get("/readyz"), "degraded") })
	if ready := p.get("/readyz"); !strings.Contains(ready, `"reason":"the store is full"`) {
		t.Errorf("the reason is %s", ready)
	}
	if !strings.Contains(p.get("/"), "first words") {
		t.Error("the page is not served")
	}
	if status, answer := p.send("POST", "/streaming", "tweet[text]=x&tweet[screen_name]=mio"); status != http.StatusServiceUnavailable || answer["error"] != "store" {
		t.Errorf("another post: %d, %v", status, answer)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if status := <-waiting; status != http.StatusCreated {
		t.Errorf("the post that waited: %d", status)
	}
	if got := p.next(ws, "create")["id"]; got != "post:waits" {
		t.Errorf("the viewer got %v", got)
	}
	p.until("it is well again", func() bool { return strings.Contains(p.get("/readyz"), `"ready"`) })
	ws.Close()
	p.end()
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
}

func TestStore_AFullDiskAtTheStartIsOneClearLine(t *testing.T) {
	disk := smallDisk(t, "100k")
	fill(t, filepath.Join(disk, "ballast"))
	file := filepath.Join(disk, "nagare.db")
	err := run(t.Context(), nil, []string{"HOST=127.0.0.1", "PORT=0", "STORE=" + file}, newConsole(), newConsole())
	if want := "STORE: " + file + ": the disk is full"; err == nil || err.Error() != want || exitCode(err) != 1 {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestStore_AReadOnlyDiskAtTheStartIsOneClearLine(t *testing.T) {
	disk := smallDisk(t, "4m")
	file := filepath.Join(disk, "nagare.db")
	p := start(t, "SOURCE=none", "STORE="+file)
	p.end()
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), nil, []string{"HOST=127.0.0.1", "PORT=0", "STORE=" + file}, newConsole(), newConsole())
	if want := "STORE: " + file + ": read-only file system"; err == nil || err.Error() != want || exitCode(err) != 1 {
		t.Errorf("got %v, want %s", err, want)
	}
}
