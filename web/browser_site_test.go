package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
	"nagare/stream/replay"
	"nagare/web"
)

// site is the whole program except its sources, on a TCP port.
type site struct {
	t        testing.TB
	url      string
	options  hub.Options
	change   []func(*web.Config)
	channel  *hub.Channel
	timeline *web.Timeline
	posts    atomic.Int64 // number of posts made up so far, and of the newest one
	refusing atomic.Bool
	stop     func() // stops the hub and waits until it has ended

	mu      sync.Mutex
	handler http.Handler
	proxies []*proxy
	arrival func() // called for each WebSocket request, before it is answered
	sockets []*net.TCPConn
}

// newSite starts a site that stops when the test ends. Its log holds ring events, or the default
// number if ring is 0. The functions in change modify its configuration.
func newSite(t *testing.T, ring int, change ...func(*web.Config)) *site {
	t.Helper()
	return newSiteWith(t, hub.Options{Ring: ring}, change...)
}

func newSiteWith(t testing.TB, options hub.Options, change ...func(*web.Config)) *site {
	t.Helper()
	s := &site{t: t, options: options, change: change, arrival: func() {}}
	s.start()
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.gate))
	server.Config.ConnState = s.notice
	server.Start()
	s.url = server.URL
	t.Cleanup(func() {
		s.cut()
		s.stop()
		server.Close()
	})
	return s
}

// start starts the site. Unless the options have a store, the log is empty, as after a restart of
// the program without a file.
func (s *site) start() {
	log, options := slog.New(slog.DiscardHandler), s.options
	options.Log, options.Filter = log, web.Filter
	if options.Store == nil {
		options.Store = new(store.Memory)
	}
	h := hub.New(options)
	s.channel = h.Channel("streaming")
	s.timeline = web.NewTimeline(h, "streaming", options.Store.(web.History), networks.All, log)
	ctx, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	s.stop = func() { end(); running.Wait() }
	if err := s.channel.Loaded(ctx); err != nil {
		s.t.Fatal(err)
	}
	config := web.Config{Hub: h, Timeline: s.timeline, Log: log, Site: "Nagare", Sample: true, Version: "1.0.0"}
	for _, change := range s.change {
		change(&config)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = web.New(config)
}

// gate is in front of the handler. While refusing is set, it refuses WebSockets, event streams
// and polls.
func (s *site) gate(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	handler, arrival, proxies := s.handler, s.arrival, s.proxies
	s.mu.Unlock()
	if r.URL.Path == "/websocket" {
		arrival()
	}
	for _, p := range proxies {
		if p.refuses(w, r) {
			return
		}
	}
	if s.refusing.Load() && slices.Contains([]string{"/websocket", "/streaming/events", "/streaming.ndjson"}, r.URL.Path) {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	handler.ServeHTTP(w, r)
}

func (s *site) onArrival(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrival = f
}

// notice keeps a second descriptor of each connection that became a WebSocket, so that the test
// can cut the connection: net/http has handed its own descriptor to the hub.
func (s *site) notice(conn net.Conn, state http.ConnState) {
	if state != http.StateHijacked {
		return
	}
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		s.t.Errorf("a socket: %v", err)
		return
	}
	defer file.Close()
	held, err := net.FileConn(file)
	if err != nil {
		s.t.Errorf("a socket: %v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = append(s.sockets, held.(*net.TCPConn))
}

// cut closes every WebSocket connection without a close frame to either side.
func (s *site) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.sockets {
		conn.CloseWrite()
		conn.CloseRead()
		conn.Close()
	}
	s.sockets = nil
}

// lose cuts the WebSockets and refuses new connections until the returned function is called.
func (s *site) lose() (back func()) {
	s.refusing.Store(true)
	s.cut()
	return func() { s.refusing.Store(false) }
}

// emit emits an op, and waits until the log has its event.
func (s *site) emit(op stream.Op) {
	s.t.Helper()
	if err := s.pass(op); err != nil {
		s.t.Errorf("emit %s: %v", op.ID, err)
	}
}

func (s *site) pass(op stream.Op) error {
	ctx := context.Background()
	return errors.Join(s.timeline.Emit(ctx, op), s.channel.Flush(ctx))
}

// publish makes up n posts and publishes them. The number of a post is its offset in the log,
// unless other events were published too.
func (s *site) publish(n int) {
	s.t.Helper()
	for range n {
		number := int(s.posts.Add(1))
		s.emit(created(madeUp(number)))
	}
}

// publishAt publishes posts at a rate, in posts a second, for a period of time.
func (s *site) publishAt(rate int, during time.Duration) {
	s.t.Helper()
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for range int(during.Seconds() * float64(rate)) {
		<-tick.C
		s.publish(1)
	}
}

// demo publishes the whole built-in recording at once.
func (s *site) demo() {
	s.t.Helper()
	demo := replay.Demo()
	demo.Loop, demo.Lead = false, time.Hour // longer than the recording, so that nothing waits
	reconciler := reconcile.New(s.pass, nil)
	if err := demo.Stream(context.Background(), reconciler.Emit); err != nil {
		s.t.Fatal(err)
	}
}

func created(t *stream.Post) stream.Op { return op(stream.Create, t) }
func updated(t *stream.Post) stream.Op { return op(stream.Update, t) }
func destroyed(t *stream.Post) stream.Op {
	return stream.Op{Kind: stream.Destroy, ID: t.ID, Reason: stream.ByAuthor}
}

func op(kind stream.Kind, t *stream.Post) stream.Op {
	return stream.Op{Kind: kind, At: t.CreatedAt, ID: t.ID, Post: t}
}

// madeUp returns a post whose text contains its number. The rest of the post varies with the
// number.
func madeUp(number int) *stream.Post {
	filler := strings.Repeat("The ferry is late again and nobody minds. ", number*7%5)
	return &stream.Post{
		ID:        fmt.Sprintf("replay:%d", number),
		Source:    "replay",
		CreatedAt: time.Now(),
		Lang:      "en",
		Author:    stream.Author{Handle: fmt.Sprintf("reader%d", number%9), Name: "A Reader"},
		Text:      said(fmt.Sprintf("Post number %d. %s", number, filler)),
	}
}

func createdAt(at time.Time, number int) stream.Op {
	post := madeUp(number)
	post.CreatedAt = at
	return created(post)
}

func said(text string) []stream.Segment { return []stream.Segment{{Text: text}} }

// get requests a path without the browser.
func (s *site) get(path string, header http.Header) *http.Response {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (s *site) body(path string, header http.Header) string {
	s.t.Helper()
	body, err := io.ReadAll(s.get(path, header).Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(body)
}
