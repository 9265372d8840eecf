package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

const token = "canary/user+token=="

// fakeServer is a server that behaves as Mastodon's documentation says.
type fakeServer struct {
	play      func(n int, s *wire)                              // serves the nth stream, which ends when play returns
	socket    func(n int, c *fakeSocket)                        // serves the nth WebSocket instead, for servers that have no event streams
	inside    bool                                              // a WebSocket's token is read only from Sec-WebSocket-Protocol, as Pleroma does
	about     string                                            // further fields of the instance document, each followed by a comma
	ahead     time.Duration                                     // how much the server's clock is ahead of the client's
	refuse    func(w http.ResponseWriter, r *http.Request) bool // asked first; true if it has answered the request
	streaming string                                            // address of the streams; empty: the server's own
	batches   bool                                              // answers lookups of several posts at once, as Mastodon does since 4.3

	mu        sync.Mutex
	posts     []map[string]any // the timeline, oldest first
	requested []string         // the addresses of all requests
	opened    []time.Time      // the times when streams were opened
}

// wire is the server's side of a stream.
type wire struct {
	w http.ResponseWriter
	r *http.Request
}

func (s *wire) write(text string) {
	io.WriteString(s.w, text)
	s.w.(http.Flusher).Flush()
}

func (s *wire) event(name, data string) { s.write("event: " + name + "\ndata: " + data + "\n\n") }

func (s *wire) update(post map[string]any) { s.event("update", document(post)) }

// stay keeps the stream open, with heartbeats, until the client closes it.
func (s *wire) stay() {
	for {
		select {
		case <-s.r.Context().Done():
			return
		case <-time.After(15 * time.Second):
			s.write(":thump\n")
		}
	}
}

// freeze keeps the stream open without heartbeats.
func (s *wire) freeze() { <-s.r.Context().Done() }

// postJSON is a post of a local user. Edits replace some of its fields.
func postJSON(id int, edits ...map[string]any) map[string]any {
	number := strconv.Itoa(id)
	post := map[string]any{
		"id": number, "uri": "https://a.example/users/mio/statuses/" + number, "url": "https://a.example/@mio/" + number,
		"created_at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "visibility": "public", "content": "<p>post " + number + "</p>",
		"account": map[string]any{"id": "1", "username": "mio", "acct": "mio", "url": "https://a.example/@mio", "display_name": "Mio"},
	}
	for _, edit := range edits {
		for key, value := range edit {
			post[key] = value
		}
	}
	return post
}

func document(v any) string {
	doc, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(doc)
}

// keyOf is the id, in ops, of the post that postJSON makes.
func keyOf(id int) string {
	return "mastodon:https://a.example/users/mio/statuses/" + strconv.Itoa(id)
}

// publish adds posts to the timeline.
func (f *fakeServer) publish(posts ...map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posts = append(f.posts, posts...)
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requested = append(f.requested, r.URL.String())
	streams := len(f.opened)
	if strings.HasPrefix(r.URL.Path, "/api/v1/streaming/") && f.socket == nil || r.URL.Path == "/api/v1/streaming" && f.socket != nil {
		f.opened = append(f.opened, time.Now())
		streams++
	}
	f.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(f.ahead).UTC().Format(http.TimeFormat))
	switch {
	case f.refuse != nil && f.refuse(w, r):
	case r.URL.Path == "/api/v2/instance":
		fmt.Fprintf(w, `{%s"domain":"a.example","configuration":{"urls":{"streaming":%q}}}`, f.about, f.streaming)
	case r.URL.Path == "/api/v1/streaming" && f.socket != nil:
		f.upgrade(streams, w, r)
	case strings.HasPrefix(r.URL.Path, "/api/v1/streaming/") && f.socket != nil:
		http.Error(w, `{"error":"Not implemented"}`, http.StatusNotFound)
	case r.Header.Get("Authorization") != "Bearer "+token:
		http.Error(w, `{"error":"Missing access token"}`, http.StatusUnauthorized)
	case strings.HasPrefix(r.URL.Path, "/api/v1/streaming/"):
		w.Header().Set("Content-Type", "text/event-stream")
		s := &wire{w, r}
		s.write(":)\n")
		f.play(streams, s)
	case strings.HasPrefix(r.URL.Path, "/api/v1/timelines/"):
		io.WriteString(w, document(f.page(r)))
	case strings.HasPrefix(r.URL.Path, "/api/v1/statuses"):
		f.lookUp(w, r)
	default:
		http.NotFound(w, r)
	}
}

// page is the response to a request for a page: the first posts after min_id, with the newest
// first.
func (f *fakeServer) page(r *http.Request) []map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	after := statusID(r.URL.Query().Get("min_id"))
	page := []map[string]any{}
	for _, post := range f.posts {
		if after.before(statusID(post["id"].(string))) && len(page) < limit {
			page = append(page, post)
		}
	}
	slices.Reverse(page)
	return page
}

func (f *fakeServer) lookUp(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := strings.TrimPrefix(r.URL.Path, "/api/v1/statuses/")
	found := []map[string]any{}
	for _, post := range f.posts {
		if post["id"] == one {
			io.WriteString(w, document(post))
			return
		}
		if slices.Contains(r.URL.Query()["id[]"], post["id"].(string)) {
			found = append(found, post)
		}
	}
	if f.batches && one == "/api/v1/statuses" {
		io.WriteString(w, document(found))
		return
	}
	http.Error(w, `{"error":"Record not found"}`, http.StatusNotFound)
}

// requests are the requested addresses that begin with prefix, without the prefix.
func (f *fakeServer) requests(prefix string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []string
	for _, q := range f.requested {
		if rest, ok := strings.CutPrefix(q, prefix); ok {
			found = append(found, rest)
		}
	}
	return found
}

// pauses are the times from the start of each stream to the start of the next.
func (f *fakeServer) pauses() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []time.Duration
	for i := 1; i < len(f.opened); i++ {
		found = append(found, f.opened[i].Sub(f.opened[i-1]))
	}
	return found
}

// overTCP starts f on a real socket and returns a source of it.
func (f *fakeServer) overTCP(t testing.TB) *Source {
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return &Source{Server: srv.URL, Token: token, Log: streamtest.Quiet}
}

// overPipes starts f on pipes, for tests with virtual time, and returns a source of it.
func (f *fakeServer) overPipes(t *testing.T) *Source {
	network := streamtest.NewPipes()
	srv := &http.Server{Handler: f}
	go srv.Serve(network)
	transport := &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}
	t.Cleanup(func() {
		srv.Close()
		time.Sleep(time.Hour) // virtual time, so that handlers that sleep can end
	})
	return &Source{Server: "http://a.example", Token: token, Log: streamtest.Quiet, Client: &http.Client{Transport: transport}}
}

var errEnough = errors.New("that is all")

// run runs a source as the program does, until enough returns true, and returns all ops.
func run(t *testing.T, m *Source, enough func(ops []stream.Op) bool) []stream.Op {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	var ops []stream.Op
	err := stream.Run(ctx, streamtest.Quiet, m, func(op stream.Op) error {
		if ops = append(ops, op); enough(ops) {
			return errEnough
		}
		return nil
	})
	if err != errEnough {
		t.Fatalf("ended with %v after %q", err, summary(ops))
	}
	return ops
}

// until returns a condition for run: the last op is about that post.
func until(id int) func([]stream.Op) bool {
	return func(ops []stream.Op) bool { return ops[len(ops)-1].ID == keyOf(id) }
}

// summary lists the kind and id of each op about a post, and the gaps.
func summary(ops []stream.Op) []string {
	lines := []string{}
	for _, op := range ops {
		id := op.ID[strings.LastIndex(op.ID, "/")+1:]
		switch {
		case op.Kind == stream.Gap:
			lines = append(lines, "gap")
		case op.Notice == nil && op.Post != nil && op.Post.ID != op.ID:
			lines = append(lines, string(op.Kind)+" "+id+" of "+op.Post.ID[strings.LastIndex(op.Post.ID, "/")+1:])
		case op.Notice == nil:
			lines = append(lines, string(op.Kind)+" "+id)
		}
	}
	return lines
}

// reconciled is what the reconciler emits for these ops.
func reconciled(t *testing.T, ops []stream.Op) []stream.Op {
	t.Helper()
	var shown []stream.Op
	reconciler := reconcile.New(func(op stream.Op) error { shown = append(shown, op); return nil }, nil)
	for _, op := range ops {
		if err := reconciler.Emit(op); err != nil {
			t.Fatal(err)
		}
	}
	return shown
}
