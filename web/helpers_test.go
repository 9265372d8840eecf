package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
)

var (
	token  = strings.Repeat("t", 32)
	token2 = strings.Repeat("u", 32)
)

// fixture is the site's handler with its hub, which runs until the test ends, and its timeline.
type fixture struct {
	t        testing.TB
	hub      *hub.Hub
	timeline *Timeline
	stop     func() // stops the hub and waits until it has ended
	http.Handler
}

// newFixture makes a site with two valid tokens, and with a store in memory. The functions in
// change modify its configuration.
func newFixture(t testing.TB, change ...func(*Config)) *fixture {
	t.Helper()
	return newFixtureWith(t, hub.Options{}, change...)
}

func newFixtureWith(t testing.TB, options hub.Options, change ...func(*Config)) *fixture {
	t.Helper()
	log, kept := slog.New(slog.DiscardHandler), new(store.Memory)
	options.Log, options.Store, options.Filter = log, kept, Filter
	if options.CheckOrigin == nil {
		options.CheckOrigin = Origins(nil).Allow
	}
	h := hub.New(options)
	c := Config{
		Hub: h, Timeline: NewTimeline(h, "streaming", kept, networks.All, log), Log: log,
		Site: "Nagare", Version: "test", Tokens: []stream.Secret{stream.Secret(token), stream.Secret(token2)},
	}
	for _, f := range change {
		f(&c)
	}
	c.Requests = NewRequestLog(c.Log)
	f := &fixture{t: t, hub: h, timeline: c.Timeline, Handler: New(c)}
	f.run()
	return f
}

// run runs the hub until the test ends, and waits until it follows the store.
func (f *fixture) run() {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := f.hub.Run(ctx); err != nil {
			f.t.Error(err)
		}
	})
	f.stop = func() { cancel(); running.Wait() }
	f.t.Cleanup(f.stop)
	if err := f.timeline.channel.Loaded(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// serveReal serves the fixture on a TCP port until the test ends.
func (f *fixture) serveReal() *httptest.Server {
	f.t.Helper()
	server := httptest.NewServer(f)
	f.t.Cleanup(func() {
		f.stop()
		server.Close()
	})
	return server
}

// get requests a path. The pairs are names and values of request headers.
func (f *fixture) get(path string, pairs ...string) *httptest.ResponseRecorder {
	return f.do(http.MethodGet, path, nil, pairs...)
}

func (f *fixture) do(method, path string, body io.Reader, pairs ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	r := httptest.NewRequest(method, path, body)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == "Host" {
			r.Host = pairs[i+1]
			continue
		}
		r.Header.Add(pairs[i], pairs[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

// emit emits the ops, and waits until the log has their events.
func (f *fixture) emit(ops ...stream.Op) {
	f.t.Helper()
	for _, op := range ops {
		if err := f.pass(op); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *fixture) pass(op stream.Op) error {
	ctx := context.Background()
	return errors.Join(f.timeline.Emit(ctx, op), f.timeline.channel.Flush(ctx))
}

// newest returns the newest event and its data.
func (f *fixture) newest() (hub.Event, payload) {
	f.t.Helper()
	events, _ := f.timeline.channel.Recent(1)
	if len(events) == 0 {
		f.t.Fatal("no event")
	}
	var data payload
	if err := json.Unmarshal(events[0].Data, &data); err != nil {
		f.t.Fatal(err)
	}
	return events[0], data
}

// post returns a post with a number and a text.
func post(n int, words string) *stream.Post {
	return &stream.Post{
		ID: fmt.Sprintf("replay:%d", n), Source: "replay", CreatedAt: time.Unix(int64(n), 0),
		Author: stream.Author{Handle: "mio", Name: "Mio"},
		Text:   []stream.Segment{{Text: words}},
	}
}

func create(t *stream.Post) stream.Op {
	return stream.Op{Kind: stream.Create, ID: t.ID, Post: t}
}

func update(t *stream.Post) stream.Op {
	return stream.Op{Kind: stream.Update, ID: t.ID, Post: t}
}

func destroy(n int) stream.Op {
	return stream.Op{Kind: stream.Destroy, ID: fmt.Sprintf("replay:%d", n)}
}

func creates(from, to int) []stream.Op {
	var ops []stream.Op
	for n := from; n <= to; n++ {
		ops = append(ops, create(post(n, fmt.Sprintf("words-%d.", n))))
	}
	return ops
}

// needs returns the path of a program. If the program is missing or -short is set, it skips the
// test. If the program is missing where CI is set, it fails the test instead.
func needs(t *testing.T, program string) string {
	t.Helper()
	if testing.Short() {
		t.Skipf("runs %s", program)
	}
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("needs %s: %v", program, err)
	}
	return path
}
