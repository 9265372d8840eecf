package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// resume subscribes from a position on.
func (p *process) resume(epoch string, offset int) *websocket.Conn {
	p.t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/websocket", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { ws.Close() })
	ask := fmt.Sprintf(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","epoch":%q,"since":%d}}]`, epoch, offset)
	if err := ws.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		p.t.Fatal(err)
	}
	return ws
}

// send makes a request to publish or to delete, and returns the answer.
func (p *process) send(method, path, form string) (status int, answer map[string]any) {
	p.t.Helper()
	r, _ := http.NewRequest(method, p.url+path, strings.NewReader(form))
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, answer
}

func TestRestart_KeepsThePostsAndThePositionsOfReaders(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	settings := []string{"SOURCE=none", "INGEST_TOKEN=" + secret, "STORE=" + filepath.Join(t.TempDir(), "nagare.db")}
	p := start(t, settings...)
	_, first := p.send("POST", "/streaming", "tweet[id]=1&tweet[text]=first+words&tweet[screen_name]=mio")
	p.send("POST", "/streaming", "tweet[id]=2&tweet[text]=second+words&tweet[screen_name]=mio")
	p.send("POST", "/streaming", "tweet[id]=3&tweet[text]=third+words&tweet[screen_name]=mio")
	p.send("DELETE", "/streaming/post:2", "")
	p.end()

	p = start(t, settings...)
	page := p.get("/")
	if !strings.Contains(page, "first words") || !strings.Contains(page, "third words") || strings.Contains(page, "second words") {
		t.Error("the first page after the restart doesn't have the posts of before, or has the deleted one")
	}
	ws := p.resume(first["epoch"].(string), 1)
	reply := p.next(ws, "websocket_rails.subscribe")
	if reply["recovered"] != true || reply["head"] != 4.0 {
		t.Errorf("the reader is told %v", reply)
	}
	p.next(ws, "destroy")
	if got := p.next(ws, "create")["text"]; got != "third words" {
		t.Errorf("got %q", got)
	}
	for id, want := range map[string]float64{"1": 1, "2": 2} {
		status, again := p.send("POST", "/streaming", "tweet[id]="+id+"&tweet[text]=again&tweet[screen_name]=mio")
		if status != http.StatusOK || again["offset"] != want || again["epoch"] != first["epoch"] {
			t.Errorf("publishing %s again: %d, %v", id, status, again)
		}
	}
	if status, again := p.send("DELETE", "/streaming/post:2", ""); status != http.StatusOK || again["offset"] != 4.0 {
		t.Errorf("deleting again: %d, %v", status, again)
	}
	if status, next := p.send("POST", "/streaming", "tweet[id]=4&tweet[text]=fourth+words&tweet[screen_name]=mio"); status != http.StatusCreated || next["offset"] != 5.0 {
		t.Errorf("the next post: %d, %v", status, next)
	}
	ws.Close()
	p.end()
}

// Another process can open the store while viewers are still sent over.
func TestRestart_TheStoreIsReleasedBeforeTheViewers(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	settings := []string{"SOURCE=none", "INGEST_TOKEN=" + secret, "STORE=" + filepath.Join(t.TempDir(), "nagare.db")}
	p := start(t, settings...)
	id := p.post("first words")
	ws := p.subscribe()
	defer ws.Close()
	p.next(ws, "create")
	p.stop()
	p.next(ws, "stream.draining") // the client doesn't answer the close frame for now
	next := start(t, settings...)
	if !strings.Contains(next.get("/"), "first words") {
		t.Error("the next process has no posts")
	}
	for method, path := range map[string]string{"POST": "/streaming", "DELETE": "/streaming/" + id} {
		if status, answer := p.send(method, path, "tweet[text]=too+late&tweet[screen_name]=mio"); status != http.StatusServiceUnavailable {
			t.Errorf("%s to the process that ends: %d %v, want 503", method, status, answer)
		}
	}
	ws.Close()
	p.end()
	next.end()
}

func TestStore_AFileThatCannotBeUsedIsOneClearLine(t *testing.T) {
	notes := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("not a store"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		notes:              "STORE: " + notes + ": it is no store of Nagare",
		notes + "/file.db": "STORE: " + notes + "/file.db: not a directory",
	} {
		err := run(t.Context(), nil, []string{"HOST=127.0.0.1", "PORT=0", "STORE=" + file}, io.Discard, io.Discard)
		if err == nil || err.Error() != want || exitCode(err) != 1 {
			t.Errorf("got %v, exit code %d, want %s", err, exitCode(err), want)
		}
	}
}

func TestBackup_CopiesTheStoreOfARunningSite(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	dir := t.TempDir()
	file, copied := filepath.Join(dir, "nagare.db"), filepath.Join(dir, "copy.db")
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret, "STORE="+file)
	_, first := p.send("POST", "/streaming", "tweet[id]=1&tweet[text]=first+words&tweet[screen_name]=mio")
	backup := func() error {
		return run(t.Context(), []string{"backup", copied, "--store", file}, nil, io.Discard, io.Discard)
	}
	if err := backup(); err != nil {
		t.Fatal(err)
	}
	if err := backup(); err == nil || err.Error() != "backup: "+copied+" exists already; give another name" {
		t.Errorf("a second backup into the same file: %v", err)
	}
	p.end()
	p = start(t, "SOURCE=none", "INGEST_TOKEN="+secret, "STORE="+copied)
	if !strings.Contains(p.get("/"), "first words") {
		t.Error("the copy has no posts")
	}
	ws := p.resume(first["epoch"].(string), 1)
	reply := p.next(ws, "websocket_rails.subscribe")
	if reply["recovered"] != false || reply["reason"] != "epoch" {
		t.Errorf("a reader of the original is told %v, want a new epoch", reply)
	}
	ws.Close()
	p.end()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"backup", copied}, nil, &out, io.Discard); err == nil || exitCode(err) != 2 {
		t.Errorf("a backup without a store: %v", err)
	}
}
