package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"nagare/store"
	"nagare/stream"
	"nagare/stream/streamtest"
)

// withModerators are the settings that add moderators to a site.
var withModerators = []string{"ADMIN_TOKEN=" + strings.Repeat("a", leastToken), "MODERATION=after"}

// publicTargets are requests that everybody may make.
var publicTargets = []string{
	"/", "/?q=apple", "/?lang=ja", "/?before=2000:9", "/post/bluesky:1", "/post/bluesky:2", "/post/bluesky:9", "/tag/go", "/by/mio", "/source/bluesky",
	"/wall", "/wall?spotlight=1", "/overlay", "/embed", "/streaming.json", "/streaming.json?q=apple", "/streaming.json?html=1", "/streaming.ndjson?last=10&wait=1",
	"/log/streaming?offset=-1", "/feed.atom", "/feed.json", "/feed.atom?q=apple", "/oembed?url=http://example.com/post/bluesky:1", "/oembed?url=http://example.com/",
	"/robots.txt", "/manifest.webmanifest", "/healthz", "/readyz", "/desk.json", "/desk/events", "/log/desk", "/nowhere",
}

// placeForPins matches where a page has the posts that moderators pin, and their style.
var placeForPins = regexp.MustCompile(`<section class="pins" id="pins".*?</section>|<link rel="stylesheet" href="/static/\w+/pins.css">`)

// withoutPins returns the answers of a site without and with moderators. If the second has the script of the pinned
// posts, withoutPins leaves out what the two differ in for that reason.
func withoutPins(without, with string) (want, got string) {
	if got = strings.Replace(with, "/pins.min.js", "/app.min.js", 1); got == with {
		return without, with
	}
	got = placeForPins.ReplaceAllString(got, "")
	return varying.ReplaceAllString(without, "$1: (varies)"), varying.ReplaceAllString(got, "$1: (varies)")
}

// A site with moderators who have hidden and pinned nothing answers the public with the same bytes as one without,
// apart from the place for pinned posts. The time, from which the epoch is made, is the same. The golden file has the
// answers of the site without.
func TestPublic_ModeratorsChangeNoByteBeforeTheyHideAPost(t *testing.T) {
	without, with := publicAnswers(t), publicAnswers(t, withModerators...)
	for _, target := range publicTargets {
		if strings.Contains(without[target], "/pins.min.js") || placeForPins.MatchString(without[target]) {
			t.Errorf("GET %s without moderators has a part of the pinned posts", target)
		}
		want, got := withoutPins(without[target], with[target])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("GET %s with moderators (-without +with):\n%s", target, diff)
		}
	}
	var all strings.Builder
	for _, target := range append(slices.Clone(publicTargets), "/admin") {
		fmt.Fprintf(&all, "GET %s\n%s\n\n", target, withoutMarkup(without[target]))
	}
	golden(t, "public.txt", all.String())
}

// publicAnswers returns the answer of a site to each request: its status, its headers and its body.
func publicAnswers(t *testing.T, environ ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	synctest.Test(t, func(t *testing.T) {
		site := publicSite(t, time.Now(), environ...)
		for _, target := range append(slices.Clone(publicTargets), "/admin") {
			r := httptest.NewRequest(http.MethodGet, target, nil)
			r.Header.Set("X-Request-ID", "request-of-a-test") // otherwise random
			w := httptest.NewRecorder()
			site.ServeHTTP(w, r)
			var answer strings.Builder
			fmt.Fprintln(&answer, w.Code)
			w.Header().Write(&answer)
			all[target] = strings.ReplaceAll(answer.String(), "\r\n", "\n") + "\n" + w.Body.String()
		}
	})
	return all
}

// publicSite returns the handler of the program, with some posts, of which one was edited and one was deleted.
func publicSite(t *testing.T, now time.Time, environ ...string) http.Handler {
	t.Helper()
	c, _, err := configured(nil, append(environ, "SOURCE=none", "EMBED_ORIGINS=https://news.example")...)
	if err != nil {
		t.Fatal(err)
	}
	p := newProgram(c, slog.New(slog.DiscardHandler), new(store.Memory), nil)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.hub.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	if err := p.posts.Loaded(ctx); err != nil {
		t.Fatal(err)
	}
	if p.desk != nil {
		if err := p.desk.load(t.Context(), c.givenMode()); err != nil {
			t.Fatal(err)
		}
		running.Go(func() { p.desk.run(ctx, false) })
	}
	for _, op := range publicOps(now) {
		if err := p.emit(ctx, op); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.posts.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	return p.site(ctx)
}

func publicOps(now time.Time) (ops []stream.Op) {
	post := func(kind stream.Kind, id, text string, change func(*stream.Post)) {
		op := streamtest.Edited("bluesky:"+id, text)
		op.Kind, op.At = kind, now
		op.Post.Source, op.Post.CreatedAt, op.Post.Lang = "bluesky", now.Add(-time.Minute), "en"
		op.Post.URL = "https://bsky.app/profile/mio/post/" + id
		op.Post.Author = stream.Author{Key: "bluesky:did:mio", Handle: "mio", Name: "Mio"}
		if change != nil {
			change(op.Post)
		}
		ops = append(ops, op)
	}
	post(stream.Create, "1", "apple words ", func(p *stream.Post) {
		p.Text = append(p.Text, stream.Segment{Kind: stream.Hashtag, Text: "#go", Href: "https://bsky.app/hashtag/go"})
	})
	post(stream.Create, "2", "pear words", func(p *stream.Post) { p.Warning = "fruit" })
	post(stream.Create, "3", "plum words", nil)
	post(stream.Create, "4", "a quote", func(p *stream.Post) {
		p.Quote = &stream.Quote{ID: "bluesky:1", URL: "https://bsky.app/profile/mio/post/1", Post: ops[0].Post}
	})
	post(stream.Update, "2", "better pear words", func(p *stream.Post) { p.EditedAt = now })
	ops = append(ops, stream.Op{Kind: stream.Destroy, At: now, ID: "bluesky:3", Reason: stream.ByAuthor})
	return ops
}

var (
	cardHTML = regexp.MustCompile(`"html":"(\\.|[^"\\])*"`)
	varying  = regexp.MustCompile(`(?m)^(Etag|Content-Length): .*$`)
)

// withoutMarkup leaves out of a golden file what changes with each change of a template or of a file of the page.
func withoutMarkup(answer string) string {
	head, body, _ := strings.Cut(answer, "\n\n")
	rest := cardHTML.ReplaceAllString(body, `"html":"(markup)"`)
	if strings.Contains(head, "text/html") || strings.Contains(body, "/static/") {
		rest = "(markup)"
	}
	if rest != body {
		head = varying.ReplaceAllString(head, "$1: (varies)")
	}
	return head + "\n\n" + rest
}

// The handshake of a WebSocket and the first frames are those of a site without moderators as well. Masked is what is
// different on each connection: the id, the tokens and the epoch.
func TestPublic_ModeratorsChangeNoFrameBeforeTheyHideAPost(t *testing.T) {
	without, with := firstFrames(t), firstFrames(t, withModerators...)
	if diff := cmp.Diff(without, with); diff != "" {
		t.Errorf("with moderators (-without +with):\n%s", diff)
	}
	golden(t, "frames.txt", withoutMarkup(without))
}

// masks match what differs on each connection.
var masks = regexp.MustCompile(`("connection_id":|"token":|"epoch":)"[^"]+"|(?m)^(Sec-Websocket-Accept): .*$|127\.0\.0\.1:\d+`)

// firstFrames returns the answer to the handshake of a WebSocket, and the frames up to the newest event.
func firstFrames(t *testing.T, environ ...string) string {
	t.Helper()
	server := httptest.NewServer(publicSite(t, streamtest.Recorded, environ...))
	defer server.Close()
	ws, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/websocket", http.Header{"X-Request-ID": {"request-of-a-test"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	var all strings.Builder
	fmt.Fprintln(&all, answer.StatusCode)
	answer.Header.Write(&all)
	all.WriteString("\n")
	if err := ws.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","last":10}}]`)); err != nil {
		t.Fatal(err)
	}
	ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	for last := fmt.Sprintf(`"offset":%d,`, len(publicOps(time.Time{}))); !strings.Contains(all.String(), last); {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		all.Write(append(frame, '\n'))
	}
	return masks.ReplaceAllString(strings.ReplaceAll(all.String(), "\r\n", "\n"), "$1$2")
}
