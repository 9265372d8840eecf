package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"nagare/hub"
)

// cachedSite is a site behind nginx with deploy/nginx-cache.conf, without TLS.
type cachedSite struct {
	*fixture
	at, dir  string       // the address of nginx, and the directory of its cache
	requests atomic.Int64 // for the log, at the site
	polls    atomic.Int64 // of these, the long polls
}

// newCachedSite starts a site whose handler change has changed. oldnew are replacements in the
// configuration of nginx.
func newCachedSite(t *testing.T, change func(http.Handler) http.Handler, oldnew ...string) *cachedSite {
	s := &cachedSite{}
	s.fixture = newFixtureWith(t, hub.Options{Limits: hub.Limits{PerClient: 3000, HandshakesPerClient: 3000, Handshakes: 3000}})
	next := change(s.Handler)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/log/") {
			s.requests.Add(1)
		}
		if r.URL.Query().Get("live") == "long-poll" {
			s.polls.Add(1)
		}
		next.ServeHTTP(w, r)
	})
	s.dir = t.TempDir()
	s.at = runNginx(t, s.serveReal().Listener.Addr().String(), "nginx-cache.conf", "", append(oldnew, "/var/cache/nginx/nagare", s.dir)...)
	return s
}

func unchanged(next http.Handler) http.Handler { return next }

// viewers is how many viewers wait for each batch of events.
const (
	viewers = 2000
	batches = 10
)

func TestCacheFront_TwoThousandPollsCostOneRequestForEachBatch(t *testing.T) {
	s := newCachedSite(t, unchanged)
	s.emit(create(post(1000, "The first.")))
	c := &crowd{cachedSite: s, latencies: make([][]time.Duration, viewers)}
	c.start(t, func() follower { return newPoller(t, s) })
	c.publish(t, batches)
	if got := s.polls.Load(); got > batches*12/10 {
		t.Errorf("%d requests at the site for %d batches, want up to %d", got, batches, batches*12/10)
	} else {
		t.Logf("%d requests at the site for %d batches to %d viewers; half within %v, 99 %% within %v",
			got, batches, viewers, c.within(0.5), c.within(0.99))
	}
}

// The same with WebSockets, through the same nginx, to compare the latencies.
func TestCacheFront_WebSocketsPassBesideTheCache(t *testing.T) {
	s := newCachedSite(t, unchanged)
	s.emit(create(post(1000, "The first.")))
	c := &crowd{cachedSite: s, latencies: make([][]time.Duration, viewers)}
	c.start(t, func() follower { return newSocket(t, s) })
	c.publish(t, batches)
	t.Logf("%d viewers with WebSockets: half within %v, 99 %% within %v", viewers, c.within(0.5), c.within(0.99))
}

// crowd are viewers that follow the site through the cache.
type crowd struct {
	*cachedSite
	latencies [][]time.Duration // by viewer
	received  chan struct{}     // an item for each viewer that has received a batch
	batch     atomic.Value      // the time at which the newest batch was published
}

// follower returns the offsets of the events that come next.
type follower interface{ next() []uint64 }

func (c *crowd) start(t *testing.T, newFollower func() follower) {
	c.received = make(chan struct{}, viewers)
	var all sync.WaitGroup
	for n := range viewers {
		all.Go(func() {
			f := newFollower()
			go func() {
				for want := uint64(2); want < 2+batches; want++ {
					if got := f.next(); !slices.Equal(got, []uint64{want}) {
						t.Errorf("viewer %d got %d, want %d", n, got, want)
						return
					}
					c.latencies[n] = append(c.latencies[n], time.Since(c.batch.Load().(time.Time)))
					c.received <- struct{}{}
				}
			}()
		})
	}
	all.Wait()
}

// publish publishes posts, each when all viewers have received the one before.
func (c *crowd) publish(t *testing.T, n int) {
	t.Helper()
	late := time.After(2 * time.Minute)
	for i := range n {
		for c.hub.Stats().Connections == 0 { // until viewers wait
			runtime.Gosched()
		}
		c.batch.Store(time.Now())
		c.emit(create(post(i+1, "The ferry is late again, and nobody minds.")))
		for range viewers {
			select {
			case <-c.received:
			case <-late:
				t.Fatalf("batch %d of %d hasn't reached all viewers", i+1, n)
			}
		}
	}
}

// within is the time within which a share of all events reached their viewers.
func (c *crowd) within(share float64) time.Duration {
	all := slices.Sorted(slices.Values(slices.Concat(c.latencies...)))
	return all[int(float64(len(all)-1)*share)].Round(time.Millisecond)
}

// poller follows by long polls on one connection.
type poller struct {
	t              *testing.T
	conn           net.Conn
	in             *bufio.Reader
	offset, cursor string
}

func newPoller(t *testing.T, s *cachedSite) *poller {
	conn, err := net.Dial("tcp", s.at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &poller{t: t, conn: conn, in: bufio.NewReader(conn)}
	p.get("offset=-1")
	return p
}

func (p *poller) next() []uint64 {
	return p.get("cursor=" + p.cursor + "&live=long-poll&offset=" + p.offset)
}

func (p *poller) get(query string) (offsets []uint64) {
	for {
		fmt.Fprintf(p.conn, "GET /log/streaming?%s HTTP/1.1\r\nHost: stream.example.org\r\n\r\n", query)
		res, err := http.ReadResponse(p.in, nil)
		if err != nil {
			return nil // the test has ended, or fails because the viewer has no events
		}
		body, _ := io.ReadAll(res.Body)
		p.offset, p.cursor = res.Header.Get("Stream-Next-Offset"), res.Header.Get("Stream-Cursor")
		if res.StatusCode == http.StatusNoContent {
			query = "cursor=" + p.cursor + "&live=long-poll&offset=" + p.offset
			continue
		}
		var events []struct{ Offset uint64 }
		if err := json.Unmarshal(body, &events); err != nil {
			p.t.Errorf("%s: %s %q: %v", query, res.Status, body, err)
		}
		for _, e := range events {
			offsets = append(offsets, e.Offset)
		}
		return offsets
	}
}

// socket follows by a WebSocket.
type socket struct{ ws *websocket.Conn }

func newSocket(t *testing.T, s *cachedSite) *socket {
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+s.at+"/websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	ws.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"}}]`))
	for {
		_, message, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(message), `"success":true`) {
			return &socket{ws}
		}
	}
}

func (s *socket) next() []uint64 {
	for {
		var message [][2]json.RawMessage
		if s.ws.ReadJSON(&message) != nil {
			return nil
		}
		var event struct{ Offset uint64 }
		if json.Unmarshal(message[0][1], &event); event.Offset > 0 {
			return []uint64{event.Offset}
		}
	}
}

// The site's own 20 s are a second here, and the 30 s after which nginx removes files are two:
// package durable tests the 20 s, and nginx has no virtual time.
func TestCacheFront_WordsOfADeletedPostLeaveTheCache(t *testing.T) {
	hastened := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(hasty{w}, r) })
	}
	s := newCachedSite(t, hastened, "inactive=30s", "inactive=2s")
	s.emit(create(post(1, "secret words")))
	for n := range 100 {
		s.emit(create(post(2+n, "others")))
	}
	query := "/log/streaming?offset=" + strings.Replace(s.get("/log/streaming?offset=-1").Header().Get("Stream-Next-Offset"), "100", "000", 1)
	read := func(query string) string {
		res, err := http.Get("http://" + s.at + query)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	const unread = "&read-once" // an address that no reader asks for again
	for _, q := range []string{query, query + unread} {
		if !strings.Contains(read(q), "secret words") {
			t.Fatal("the post isn't in its chunk")
		}
	}
	if !onDisk(t, s.dir, "secret words") {
		t.Fatal("nginx keeps no chunk in its cache")
	}
	s.emit(destroy(1))
	before := s.requests.Load()
	if !strings.Contains(read(query), "secret words") || s.requests.Load() != before {
		t.Error("nginx doesn't use its cache: the test shows nothing")
	}
	for _, where := range []struct {
		what string
		is   func() bool
	}{
		{"in the answers", func() bool { return strings.Contains(read(query), "secret words") }},
		{"on the disk", func() bool { return onDisk(t, s.dir, "secret words") }},
	} {
		for late := time.Now().Add(30 * time.Second); where.is(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("the words are still %s", where.what)
			}
		}
	}
}

// hasty replaces the time for which a response is kept.
type hasty struct{ http.ResponseWriter }

func (w hasty) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w hasty) WriteHeader(status int) {
	kept := w.Header().Get("Cache-Control")
	w.Header().Set("Cache-Control", strings.Replace(kept, "max-age=20", "max-age=1", 1))
	w.ResponseWriter.WriteHeader(status)
}

// onDisk reports whether a file in the directory has the text.
func onDisk(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	files, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		found = found || err == nil && strings.Contains(string(content), text)
	}
	return found
}
