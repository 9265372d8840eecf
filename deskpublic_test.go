package main

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
	"nagare/web"
)

// publicly is a moderated site with all that the public can get of it.
type publicly struct {
	*moderatedSite
	*pipeline
}

func newPublicly(t *testing.T, st store.Store, file string) publicly {
	t.Helper()
	p := &pipeline{log: new(streamtest.Logged), file: file, end: func() {}}
	p.logger = streamtest.DebugLog(p.log)
	var err error
	if p.recorder, err = recording.Open(file, p.logger); err != nil {
		t.Fatal(err)
	}
	c := config{admins: []stream.Secret{stream.Secret(secret)}, moderation: moderation.After, limits: hub.Limits{PerClient: 1 << 20, HandshakesPerClient: 1 << 20}}
	m := runModerated(t, newProgram(c, p.logger, st, p.recorder))
	p.hub, p.timeline = m.hub, m.timeline
	p.site = web.New(web.Config{
		Hub: m.hub, Timeline: m.timeline, Emit: func(op stream.Op) error { return m.emit(context.Background(), op) }, Log: p.logger,
		Requests: web.NewRequestLog(p.logger), Site: "Nagare", Moderation: m.desk, Desk: m.desk.timeline, Sessions: m.sessions, Screen: m.desk.Screen,
		OpenData: func(string) bool { return true },
	})
	return publicly{m, p}
}

// everywhere returns all that the public can get, by the name of the place.
func (p publicly) everywhere(t *testing.T, word string) map[string]string {
	t.Helper()
	p.flush()
	all := map[string]string{"metrics": p.metrics(), "log": p.log.String(), "public store": p.moderatedSite.everything(p.posts, channel)}
	for _, path := range []string{
		"/", "/?q=" + word, "/?q=-zebra", "/?q=from:handle", "/?at=2030-01-01T00:00Z", "/post/A", "/post/A~", "/post/A~~", "/post/B", "/wall", "/embed", "/overlay",
		"/streaming.json", "/streaming.json?q=" + word, "/feed.atom", "/feed.json", "/feed.atom?q=" + word, "/oembed?url=http://example.com/post/A", "/oembed?url=http://example.com/",
		"/log/streaming?offset=-1", "/log/desk?offset=-1", "/desk/events", "/desk.ndjson", "/desk.json", "/log/desk", "/admin", "/admin/audit.ndjson", "/admin/log",
	} {
		all[path] = p.page(path)
	}
	server := httptest.NewServer(p.site)
	defer server.Close()
	tip := p.posts.Tip()
	maps.Copy(all, map[string]string{
		"WebSocket": recovered(t, server.URL, tip, 0),
		"events":    readTo(t, server.URL+"/streaming/events?since="+hub.Position{Epoch: tip.Epoch}.String(), tip),
		"lines":     readTo(t, server.URL+"/streaming.ndjson?since="+hub.Position{Epoch: tip.Epoch}.String(), tip),
	})
	return all
}

// wantIn expects a word in some of the places, or in none.
func (p publicly) wantIn(t *testing.T, word string, least int) {
	t.Helper()
	n, places := 0, []string(nil)
	for place, text := range p.everywhere(t, word) {
		text = strings.NewReplacer("q="+word, "", `value="`+word+`"`, "", `"`+word+`"`, "").Replace(text) // the query in the answer
		if !strings.Contains(text, word+" words") {
			continue
		}
		places = append(places, place)
		if n++; least == 0 {
			t.Errorf("%s: %s is in: %s", place, word, text)
		}
	}
	if n < least {
		t.Errorf("%s is in %d places, want %d or more: %s", word, n, least, places)
	}
}

func TestDesk_WhatIsHeldIsInNoByteThatThePublicGets(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "posts.ndjson")
			p := newPublicly(t, st, file)
			p.pass(fromBluesky(streamtest.Edited("A", "apple words")), stream.Create)
			p.pass(quotingPost("B", "A", "apple words"), stream.Create)
			p.want("apple words", "public")
			p.wantIn(t, "apple", 16)
			p.act(moderation.Hide, "A")
			p.want("apple words", "desk")
			p.wantIn(t, "apple", 0)
			p.pass(fromBluesky(streamtest.Edited("A", "pear words")), stream.Update)
			p.want("pear words", "desk")
			p.wantIn(t, "pear", 0)
			p.act(moderation.Approve, "A")
			p.want("pear words", "public")
			p.wantIn(t, "pear", 16)
			p.wantIn(t, "apple", 0)
			p.kill()
			p.wantRecorded(t, "pear", true)
			p.wantRecorded(t, "apple", false)

			p = newPublicly(t, st, file)
			p.act(moderation.Hide, "A") // a post that only the store knows
			p.want("pear words", "desk")
			p.wantIn(t, "pear", 0)
			p.wantPrivate(t)
			p.kill()
			p.wantRecorded(t, "pear", false)
			p.wantRecorded(t, "apple", false)
		})
	}
}

func TestDesk_AnApprovedPostIsPublicUntilItIsHiddenAgain(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			p := newPublicly(t, st, filepath.Join(t.TempDir(), "posts.ndjson"))
			p.pass(fromBluesky(streamtest.Edited("Z", "zebra words")), stream.Create) // readers wait for an event
			if err := p.desk.moderator.Start(t.Context(), moderation.Before); err != nil {
				t.Fatal(err)
			}
			p.pass(fromBluesky(streamtest.Edited("A", "apple words")), stream.Create)
			p.want("apple words", "desk")
			p.wantIn(t, "apple", 0)
			p.act(moderation.Approve, "A")
			p.want("apple words", "public")
			p.wantIn(t, "apple", 14)
			edited := fromBluesky(streamtest.Edited("A", "pear words"))
			edited.Post.EditedAt = streamtest.Recorded.Add(time.Second)
			p.pass(edited, stream.Update)
			p.want("pear words", "desk")
			p.want("apple words", "nowhere")
			p.wantIn(t, "apple", 0)
			p.wantIn(t, "pear", 0)
			p.act(moderation.Approve, "A")
			p.want("pear words", "public")
			p.wantIn(t, "pear", 14)
			p.act(moderation.Hide, "A")
			p.want("pear words", "desk")
			p.wantIn(t, "pear", 0)
			p.pass(quotingPost("B", "A", "pear words"), stream.Create)
			p.act(moderation.Approve, "B")
			p.want("a quote", "public")
			p.wantIn(t, "pear", 0)
			p.kill()
			p.wantRecorded(t, "apple", false)
			p.wantRecorded(t, "pear", false)
		})
	}
}

// kill ends the site, and closes the recording.
func (p publicly) kill() {
	p.moderatedSite.stop()
	p.recorder.Close()
}

// wantRecorded expects the word in the recording, or not.
func (p publicly) wantRecorded(t *testing.T, word string, want bool) {
	t.Helper()
	text, err := os.ReadFile(p.file)
	if got := strings.Contains(string(text), word+" words"); err != nil || got != want {
		t.Errorf("%s is in the recording: %v %v, want %v", word, got, err, want)
	}
}

func fromBluesky(op stream.Op) stream.Op {
	op.Post.Source = "bluesky"
	return op
}

// wantPrivate expects that nobody without a login can follow the channel of the desk.
func (p publicly) wantPrivate(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(p.site)
	defer server.Close()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/websocket", http.Header{"Cookie": {"session=x"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for _, ask := range []string{"subscribe", "subscribe_private"} {
		text := `["websocket_rails.` + ask + `",{"id":1,"data":{"channel":"desk","last":100}}]`
		if err := ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
		for answer := ""; !strings.Contains(answer, `"success":false`); {
			_, message, err := ws.ReadMessage()
			if answer = string(message); err != nil || strings.Contains(answer, "words") || strings.Contains(answer, `"success":true`) {
				t.Fatalf("%s: %s %v", ask, answer, err)
			}
		}
	}
}
