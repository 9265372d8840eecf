package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A post that waits has no position, and its words are in nothing that the public can read.
func TestDesk_APostOverHTTPWaits(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret, "ADMIN_TOKEN="+strings.Repeat("a", 32), "MODERATION=before")
	const form = "tweet[id]=1&tweet[text]=apple+words&tweet[screen_name]=mio"
	for range 2 { // a repeated request changes nothing
		status, answer := p.send("POST", "/streaming", form)
		if status != http.StatusAccepted || answer["id"] != "post:1" || answer["held"] != "waiting" || answer["offset"] != nil {
			t.Errorf("got %d %v, want 202", status, answer)
		}
	}
	for _, path := range []string{"/", "/streaming.json?html=1", "/feed.atom", "/feed.json", "/?q=apple", "/by/mio", "/post/post:1", "/log/streaming", "/streaming.ndjson?last=100&wait=1"} {
		response, err := http.Get(p.url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || strings.Contains(string(body), "apple words") {
			t.Errorf("%s has the words of a post that waits, or %v", path, err)
		}
	}
	for _, path := range []string{"/desk/events", "/desk.ndjson", "/desk.json", "/log/desk"} {
		if response, err := http.Get(p.url + path); err != nil || response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %v %v, want 404", path, response.Status, err)
		} else {
			response.Body.Close()
		}
	}
	if status, answer := p.send("DELETE", "/streaming/post:1", ""); status != http.StatusOK || answer["held"] != "waiting" {
		t.Errorf("deleting it: %d %v", status, answer)
	}
	if status, _ := p.send("DELETE", "/streaming/post:1", ""); status != http.StatusNotFound {
		t.Errorf("deleting it again: %d, want 404", status)
	}
	p.end()
}
