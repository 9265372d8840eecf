package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/streamtest"
)

// broken is a store that fails for some time.
type broken struct {
	store.Memory
	kind  store.Kind
	reads bool // reads succeed nevertheless

	mu    sync.Mutex
	until time.Time
	ops   map[string]bool // the names and keys of all events that were stored
}

// breakFor makes the store fail from now on.
func (b *broken) breakFor(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until = time.Now().Add(d)
}

func (b *broken) Health() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Now().Before(b.until) {
		return &store.Fault{Kind: b.kind, Err: errors.New("it fails")}
	}
	return nil
}

func (b *broken) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	for b.Health() != nil {
		if err := stream.Sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ev := range events {
		b.ops[ev.Name+" "+ev.Key] = true
	}
	return b.Memory.Append(ctx, channel, events)
}

func (b *broken) Find(ctx context.Context, channel string, names ...string) ([]store.Record, error) {
	if err := b.Health(); err != nil && !b.reads {
		return nil, err
	}
	return b.Memory.Find(ctx, channel, names...)
}

func (b *broken) has(op string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ops[op]
}

// Lead makes the store one that processes share.
func (b *broken) Lead(ctx context.Context, f func(context.Context) error) error { return f(ctx) }

// steady is a source that has an op every 50 ms. Each hundredth deletes an old post.
type steady struct{ posts atomic.Int64 }

func (s *steady) Build(stream.Runtime) []stream.Source { return []stream.Source{stream.Buffered(s)} }
func (*steady) String() string                         { return "steady" }

func (s *steady) Stream(ctx context.Context, emit func(stream.Op) error) error {
	for n := 0; stream.Sleep(ctx, 50*time.Millisecond) == nil; n++ {
		op := streamtest.Created(fmt.Sprint("test:", n))
		if n%100 == 0 && n > 0 {
			op = streamtest.Destroyed(fmt.Sprint("test:", deletedAt(n)))
		}
		if err := emit(op); err != nil {
			return err
		}
		s.posts.Store(int64(n) + 1)
	}
	return ctx.Err()
}

func deletedAt(n int) int { return n/10 + 1 }

// The store fails for two minutes. Viewers stay connected, and pages are served. Posts wait in the queue of
// their source, which drops the oldest, counts them, and drops no deletion.
func TestOutage_OfTwoMinutesDelaysPostsAndEndsByItself(t *testing.T) {
	for reason, test := range map[string]struct {
		store *broken
		kept  storeConfig
	}{
		"the store can't be reached": {&broken{kind: store.Away}, storeConfig{redis: "redis://host"}},
		"the store is full":          {&broken{kind: store.Full, reads: true}, storeConfig{file: "nagare.db"}},
	} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.store.ops = map[string]bool{}
				outage(t, test.store, test.kept, reason)
			})
		})
	}
}

func outage(t *testing.T, st *broken, kept storeConfig, reason string) {
	source := new(steady)
	c := config{store: kept, sources: sourcesConfig{list: []stream.Configuration{source}, ids: []string{"steady"}}}
	p, site := newProgram(c, slog.New(slog.DiscardHandler), st, nil), newPipes()
	ctx, stop := context.WithCancel(t.Context())
	var group errgroup.Group
	drained := make(chan struct{})
	group.Go(func() error {
		defer close(drained)
		return p.hub.Run(ctx)
	})
	p.startReading(ctx, &group)
	p.startServing(ctx, &group, listeners{site: site}, drained)
	viewer := watch(site.request(t, "/streaming/events").Body)

	time.Sleep(time.Minute)
	st.breakFor(2 * time.Minute)
	first := int(source.posts.Load())
	time.Sleep(time.Minute)
	if got, want := site.get(t, "/readyz"), `{"reason":"`+reason+`","status":"degraded"}`+"\n"; got != want {
		t.Errorf("/readyz says %s, want %s", got, want)
	}
	if !strings.Contains(site.get(t, "/"), fmt.Sprint("test:", first-3)) {
		t.Error("the page doesn't have the newest posts")
	}
	time.Sleep(time.Minute)
	last := int(source.posts.Load())
	time.Sleep(time.Minute)
	if got := site.get(t, "/readyz"); got != `{"status":"ready"}`+"\n" {
		t.Errorf("/readyz says %s", got)
	}
	lost := 0
	for n := first + 1; n < last; n++ {
		switch {
		case n%100 != 0 && !st.has(fmt.Sprint("create test:", n)):
			lost++
		case n%100 == 0 && !st.has(fmt.Sprint("destroy test:", deletedAt(n))):
			t.Errorf("the deletion of %d is lost", deletedAt(n))
		}
	}
	t.Logf("%d of %d posts were dropped", lost, last-first)
	if counted := p.timeline.Sources()[0].Lost; lost == 0 || counted != uint64(lost) || last-first-lost < stream.QueueLimit*9/10 {
		t.Errorf("%d of %d posts were dropped, and %d were counted", lost, last-first, counted)
	}
	if !viewer.followed(fmt.Sprint("test:", last-1), 20*time.Second) {
		t.Errorf("the viewer has left, or was silent for %v, or lacks the newest post", viewer.silent)
	}
	stop()
	if err := errors.Join(group.Wait(), p.close()); err != nil {
		t.Error(err)
	}
}

// pipes is a listener whose connections are made in memory, so that they work in virtual time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// request makes a request on a connection of its own.
func (p *pipes) request(t *testing.T, path string) *http.Response {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { here.Close() })
	p.conns <- there
	go fmt.Fprintf(here, "GET %s HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n", path)
	response, err := http.ReadResponse(bufio.NewReader(here), nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v, %v", path, response, err)
	}
	return response
}

func (p *pipes) get(t *testing.T, path string) string {
	t.Helper()
	body, err := io.ReadAll(p.request(t, path).Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// watcher reads an event stream all the time.
type watcher struct {
	mu     sync.Mutex
	text   strings.Builder
	last   time.Time     // of the last line
	silent time.Duration // longest time without a line
	ended  bool
}

func watch(stream io.Reader) *watcher {
	w := &watcher{last: time.Now()}
	go func() {
		lines := bufio.NewScanner(stream)
		for lines.Scan() {
			w.add(lines.Text())
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = true
	}()
	return w
}

func (w *watcher) add(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.WriteString(line)
	w.silent, w.last = max(w.silent, time.Since(w.last)), time.Now()
}

// followed reports whether the stream has a text, and never was silent for longer than some time.
func (w *watcher) followed(text string, silent time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.ended && w.silent <= silent && strings.Contains(w.text.String(), text)
}
