package durable_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
	"nagare/hub/durable"
)

// served is a stream of a hub with its HTTP server, in virtual time.
type served struct {
	t       *testing.T
	hub     *hub.Hub
	channel *hub.Channel
	client  *http.Client
	filter  string      // of all requests
	open    atomic.Bool // pages of all origins can read
	stop    func()      // ends Run of the hub; does not wait for it
}

// bubble runs a test in virtual time, with a stream that is served over pipes.
func bubble(t *testing.T, o hub.Options, open bool, test func(*testing.T, *served)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 1, 24, 0, 0, 0, 0, time.UTC))) // the virtual time begins before the first interval of cursors
		o.Log = slog.New(slog.DiscardHandler)
		h := hub.New(o)
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); h.Run(ctx) }()
		wires := wires{make(chan net.Conn), make(chan struct{})}
		s := &served{t: t, hub: h, channel: h.Channel("streaming"), stop: stop}
		s.open.Store(open)
		server := &http.Server{Handler: durable.Handler(s.channel, durable.Options{Open: s.open.Load})}
		go server.Serve(wires)
		s.client = &http.Client{Transport: &http.Transport{DialContext: wires.dial}}
		t.Cleanup(func() {
			stop()
			<-ended
			s.client.CloseIdleConnections()
			server.Close()
		})
		test(t, s)
	})
}

// wires connects clients with a server by pipes.
type wires struct {
	accept chan net.Conn
	closed chan struct{}
}

func (w wires) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	w.accept <- there
	return here, nil
}

func (w wires) Accept() (net.Conn, error) {
	select {
	case c := <-w.accept:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w wires) Close() error   { close(w.closed); return nil }
func (w wires) Addr() net.Addr { return &net.UnixAddr{} }

// publish publishes n events whose data is their number, counted from first.
func (s *served) publish(first, n int) {
	s.t.Helper()
	for i := range n {
		if _, err := s.channel.Trigger(s.t.Context(), "create", first+i); err != nil {
			s.t.Fatal(err)
		}
	}
}

// offset is the offset that stands for the position after the n-th event.
func (s *served) offset(n uint64) string {
	return durable.Format(hub.Position{Epoch: s.channel.Tip().Epoch, Offset: n})
}

// reply is a response with its whole body.
type reply struct {
	*http.Response
	body string
}

// numbers returns the data of the events in a body.
func (r reply) numbers(t *testing.T) []int { t.Helper(); return numbers(t, r.body) }

func numbers(t *testing.T, body string) (all []int) {
	t.Helper()
	var events []struct{ Data int }
	if err := json.Unmarshal([]byte(body), &events); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	for _, e := range events {
		all = append(all, e.Data)
	}
	return all
}

// get requests the stream with a query such as "?offset=-1".
func (s *served) get(query string, header ...string) reply {
	s.t.Helper()
	return s.do(http.MethodGet, query, header...)
}

func (s *served) do(method, query string, header ...string) reply {
	s.t.Helper()
	res := s.start(method, query, header...)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return reply{res, string(body)}
}

// start makes a request, and returns once the response has begun.
func (s *served) start(method, query string, header ...string) *http.Response {
	s.t.Helper()
	if s.filter != "" {
		query += "&q=" + s.filter
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://stream.example/"+query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return res
}

// later makes a request, and returns a function that waits for the response. The request is
// answered, or waits, when later returns.
func (s *served) later(query string) (wait func() reply) {
	done := make(chan reply, 1)
	go func() { done <- s.get(query) }()
	synctest.Wait()
	return func() reply { return <-done }
}
