package bluesky

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// fakeJetstream is a server that has a Jetstream at /subscribe, and also the API for lookups.
type fakeJetstream struct {
	play   func(n int, c *fakeConn)                          // serves the nth connection, counted from 1
	refuse func(n int, w http.ResponseWriter) (refused bool) // asked before play; true if it has refused the nth connection
	look   func(n int, w http.ResponseWriter) (done bool)    // asked first; true if it has answered the nth lookup
	posts  func(n int, w http.ResponseWriter, uris []string) // answers the nth lookup of posts; nil: it knows none
	date   func() []string                                   // the Date of responses; nil: our time

	mu       sync.Mutex
	asked    []url.Values       // parameters of each connection
	looked   [][]string         // DIDs of each lookup
	quotes   []time.Time        // times of the lookups of posts
	profiles map[string]profile // by DID
}

// fakeConn is the server's side of a connection.
type fakeConn struct {
	*websocket.Conn
	asked url.Values
	mu    sync.Mutex // held while a message is written
}

// say sends messages, and reports whether all of them were sent.
func (c *fakeConn) say(messages ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range messages {
		if c.WriteMessage(websocket.TextMessage, []byte(m)) != nil {
			return false
		}
	}
	return true
}

// stay reads until the client has closed the connection; by reading, it also answers pings.
func (c *fakeConn) stay() {
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return
		}
	}
}

func (f *fakeJetstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.date != nil {
		w.Header()["Date"] = f.date()
	}
	if strings.HasSuffix(r.URL.Path, "getProfiles") {
		f.serveProfiles(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, "getPosts") {
		f.servePosts(w, r)
		return
	}
	f.mu.Lock()
	f.asked = append(f.asked, r.URL.Query())
	n := len(f.asked)
	f.mu.Unlock()
	if f.refuse != nil && f.refuse(n, w) {
		return
	}
	up := websocket.Upgrader{EnableCompression: true}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	f.play(n, &fakeConn{Conn: conn, asked: r.URL.Query()})
}

func (f *fakeJetstream) serveProfiles(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.looked = append(f.looked, r.URL.Query()["actors"])
	n := len(f.looked)
	f.mu.Unlock()
	if f.look != nil && f.look(n, w) {
		return
	}
	found := []profile{}
	f.mu.Lock()
	for _, did := range r.URL.Query()["actors"] {
		if p, ok := f.profiles[did]; ok {
			p.DID = did
			found = append(found, p)
		}
	}
	f.mu.Unlock()
	json.NewEncoder(w).Encode(map[string]any{"profiles": found})
}

func (f *fakeJetstream) servePosts(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.quotes = append(f.quotes, time.Now())
	n := len(f.quotes)
	f.mu.Unlock()
	if f.posts == nil {
		w.Write([]byte(`{"posts":[]}`))
		return
	}
	f.posts(n, w, r.URL.Query()["uris"])
}

// quoteLookUps are the times of the lookups of posts, since began.
func (f *fakeJetstream) quoteLookUps(began time.Time) (since []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, at := range f.quotes {
		since = append(since, at.Sub(began))
	}
	return since
}

func (f *fakeJetstream) know(did string, p profile) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.profiles == nil {
		f.profiles = map[string]profile{}
	}
	f.profiles[did] = p
}

// connections are the parameters of all connections.
func (f *fakeJetstream) connections() []url.Values {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// lookUps are the DIDs of all lookups.
func (f *fakeJetstream) lookUps() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.looked)
}

// overTCP serves f on a real socket and points b to it.
func (f *fakeJetstream) overTCP(t testing.TB, b *Source) *Source {
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	b.Hosts = []string{strings.Replace(srv.URL, "http", "ws", 1)}
	b.Profiles, b.Log = srv.URL, streamtest.Quiet
	return b
}

// overPipes serves f in virtual time and points b to it. Every host name leads to f.
func (f *fakeJetstream) overPipes(t *testing.T, b *Source) *Source {
	network := streamtest.NewPipes()
	srv := &http.Server{Handler: f}
	go srv.Serve(network)
	transport := &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}
	t.Cleanup(func() {
		srv.Close()
		time.Sleep(time.Hour) // in virtual time, so that handlers that sleep can end
	})
	if b.Hosts == nil {
		b.Hosts = []string{"ws://one.example"}
	}
	b.Profiles, b.Log, b.Client = "http://api.example", streamtest.Quiet, &http.Client{Transport: transport}
	return b
}

// inBubble runs a test in virtual time. The clock begins at a date that is plausible for a
// cursor.
func inBubble(t *testing.T, test func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)))
		test(t)
	})
}

// gather runs b as the program does, until enough returns true, and returns all ops.
func gather(t *testing.T, b *Source, enough func(ops []stream.Op) bool) []stream.Op {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	var ops []stream.Op
	err := stream.Run(ctx, streamtest.Quiet, b, func(op stream.Op) error {
		if ops = append(ops, op); enough(ops) {
			return streamtest.ErrEnough
		}
		return nil
	})
	if err != streamtest.ErrEnough {
		t.Fatalf("ended with %v, %v, after %v", err, ctx.Err(), brief(ops))
	}
	return ops
}

// creates and untilKinds return conditions for gather: at least n ops of these kinds.
func creates(n int) func([]stream.Op) bool { return untilKinds(n, stream.Create) }

func untilKinds(n int, kinds ...stream.Kind) func([]stream.Op) bool {
	seen := 0
	return func(ops []stream.Op) bool {
		if slices.Contains(kinds, ops[len(ops)-1].Kind) {
			seen++
		}
		return seen >= n
	}
}

// only returns the ops of some kinds.
func only(ops []stream.Op, kinds ...stream.Kind) []stream.Op {
	return slices.DeleteFunc(slices.Clone(ops), func(op stream.Op) bool { return !slices.Contains(kinds, op.Kind) })
}

// brief describes each op in a line: its kind, its post or author, and the handle if it has
// one.
func brief(ops []stream.Op) []string {
	said := []string{}
	for _, op := range ops {
		switch {
		case op.Notice != nil:
			said = append(said, string(op.Kind)+" "+string(op.Notice.State))
		case op.Author != nil:
			said = append(said, fmt.Sprintf("%s %s %s", op.Kind, op.Author.Key[len("bluesky:did:plc:"):][:3], op.Author.Handle))
		case op.Post != nil:
			said = append(said, fmt.Sprintf("%s %s %s", op.Kind, op.ID[strings.LastIndex(op.ID, "/")+1:], op.Post.Author.Handle))
		default:
			said = append(said, fmt.Sprintf("%s %s", op.Kind, op.ID[strings.LastIndex(op.ID, "/")+1:]))
		}
	}
	return said
}

// happened is the brief description of the ops that aren't about the state of the source.
func happened(ops []stream.Op) []string {
	return brief(only(ops, stream.Create, stream.Update, stream.Destroy, stream.AuthorGone, stream.AuthorBack, stream.AuthorUpdate, stream.Gap))
}

// postNow is a message about a new post.
func postNow(did, rkey string) string {
	return commitEvent("create", did, rkey, time.Now(), recordOf("post "+rkey, ""))
}
