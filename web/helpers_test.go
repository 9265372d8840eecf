package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/networks"
)

var (
	token  = strings.Repeat("t", 32)
	token2 = strings.Repeat("u", 32)
)

// fixture is the site's handler with its hub and its timeline.
type fixture struct {
	t        *testing.T
	hub      *hub.Hub
	timeline *Timeline
	http.Handler
}

// newFixture makes a site with two valid tokens. The functions in change modify its configuration.
func newFixture(t *testing.T, change ...func(*Config)) *fixture {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	h := hub.New(hub.Options{Log: log, CheckOrigin: Origins(nil).Allow})
	c := Config{
		Hub: h, Timeline: NewTimeline(h, "streaming", networks.All, log), Log: log,
		Site: "Nagare", Version: "test", Tokens: []stream.Secret{stream.Secret(token), stream.Secret(token2)},
	}
	for _, f := range change {
		f(&c)
	}
	c.Requests = NewRequestLog(c.Log)
	return &fixture{t, c.Hub, c.Timeline, New(c)}
}

// serveReal serves the fixture on a TCP port and runs the hub until the test ends.
func (f *fixture) serveReal() *httptest.Server {
	f.t.Helper()
	server := httptest.NewServer(f)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.hub.Run(ctx) }()
	f.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			f.t.Error(err)
		}
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

func (f *fixture) emit(ops ...stream.Op) {
	f.t.Helper()
	for _, op := range ops {
		if err := f.timeline.Emit(context.Background(), op); err != nil {
			f.t.Fatal(err)
		}
	}
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
