package main

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/streamtest"
)

// A post that waits has no position, and its words are in nothing that the public can read.
func TestDesk_APostOverHTTPWaits(t *testing.T) {
	if testing.Short() {
		t.Skip("waits in real time")
	}
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

// Without --moderation, a block applies to new posts, too.
func TestDesk_ABlockAppliesToNewPostsWithoutASetting(t *testing.T) {
	c, _, err := configured(nil, "ADMIN_TOKEN="+adminSecret)
	if err != nil {
		t.Fatal(err)
	}
	m := runModerated(t, newProgram(c, slog.New(slog.DiscardHandler), new(store.Memory), nil))
	m.post("A", "apple words")
	m.want("apple words", "public")
	author := streamtest.PostOf("A", "").Author
	if _, err := m.desk.Act(t.Context(), moderation.Action{Do: moderation.Block, Author: author.Key, Value: author.Handle, By: "Mio"}); err != nil {
		t.Fatal(err)
	}
	m.want("apple words", "desk")
	next := streamtest.Edited("B", "banana words")
	next.Post.Author = author
	m.pass(next, stream.Create)
	m.want("banana words", "desk")
	m.stop()
}

func TestConfig_WithModeratorsRulesApplyUnlessOffIsChosen(t *testing.T) {
	token := "ADMIN_TOKEN=" + adminSecret
	for given, want := range map[string]moderation.Mode{
		"": moderation.Off, token: moderation.After, token + " MODERATION=off": moderation.Off, token + " MODERATION=before": moderation.Before,
		"MODERATION=off": moderation.Off,
	} {
		c, _, err := configured(nil, strings.Fields(given)...)
		if err != nil || c.moderation != want {
			t.Errorf("%s: mode %q %v, want %q", given, c.moderation, err, want)
		}
	}
	for _, mode := range []string{"after", "before"} { // would show all posts to everybody, with nobody to hide one
		if _, _, err := configured([]string{"--moderation", mode}); err == nil || !strings.Contains(err.Error(), "--admin-token") {
			t.Errorf("--moderation %s without moderators: %v, want an error that names --admin-token", mode, err)
		}
	}
}

func TestDesk_TheProgramPrintsWhereItIs(t *testing.T) {
	for _, c := range []struct {
		environ []string
		want    int // lines
	}{{nil, 1}, {[]string{"ADMIN_TOKEN=" + adminSecret}, 3}} {
		p := start(t, append(c.environ, "SOURCE=none")...)
		p.get("/healthz")
		p.end()
		first := append(strings.Split(p.console.String(), "\n"), "", "")
		all := []string{p.url, p.url + "/wall", p.url + "/admin"}
		for i, want := range all {
			if got := first[i] == want; got != (i < c.want) {
				t.Errorf("with %d addresses: line %d is %q", c.want, i+1, first[i])
			}
		}
	}
}
