package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// returner is a viewer that comes back as a browser does: at the time that the process has named, and
// from its position. Each has an address of its own.
type returner struct {
	viewer
	dialer  websocket.Dialer
	present chan struct{} // gets an item with each subscription
	refused *atomic.Int64 // connections that were refused, of all viewers
}

func newReturner(c *crowd, n int, refused *atomic.Int64) *returner {
	from := &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}
	return &returner{viewer{crowd: c}, websocket.Dialer{NetDialContext: (&net.Dialer{LocalAddr: from}).DialContext}, make(chan struct{}, 2), refused}
}

// run follows the stream until ctx ends.
func (r *returner) run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(r.stay(ctx)):
		}
	}
}

// stay follows the stream until the connection ends, and returns how long to wait for the next one.
func (r *returner) stay(ctx context.Context) (wait time.Duration) {
	ws, _, err := r.dialer.DialContext(ctx, r.crowd.url, nil)
	if err != nil {
		if ctx.Err() == nil {
			r.refused.Add(1)
		}
		return time.Second
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	since := ""
	if r.epoch != "" {
		since = fmt.Sprintf(`,"since":%d,"epoch":%q`, r.offset, r.epoch)
	}
	ws.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"`+since+`}}]`))
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return wait
		}
		if strings.Contains(string(text), "stream.draining") {
			wait = retryIn(text)
		}
		r.receive(text)
		if strings.Contains(string(text), "websocket_rails.subscribe") {
			r.present <- struct{}{}
		}
	}
}

// retryIn returns the time that a notice of the end names.
func retryIn(text []byte) time.Duration {
	var events [1][2]json.RawMessage
	var f frame
	var notice struct {
		Retry int `json:"retry_ms"`
	}
	json.Unmarshal(text, &events)
	json.Unmarshal(events[0][1], &f)
	json.Unmarshal(f.Data, &notice)
	return time.Duration(notice.Retry) * time.Millisecond
}

// The process is restarted, and the socket outlives it. No viewer is refused, and each goes on from its position.
// With -viewers 5000 the test measures how long the restart of a full process takes.
func TestSocket_ARestartRefusesNoneOfManyViewersAndAllRecover(t *testing.T) {
	p, start := listening(t)
	first := start()
	c := &crowd{t: t, url: "ws" + strings.TrimPrefix(p.url, "http") + "/websocket", contents: map[string]string{}}
	var refused atomic.Int64
	viewers := make([]*returner, *crowdSize)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for i := range viewers {
		viewers[i] = newReturner(c, i, &refused)
		running.Go(func() { viewers[i].run(ctx) })
	}
	awaitAll(t, viewers)
	refused.Store(0) // thousands of viewers that come at once exceed hub.Limits.Handshakes: some came twice
	p.post("before the restart")
	stopped := time.Now()
	first.Process.Signal(syscall.SIGTERM)
	if err := first.Wait(); err != nil {
		t.Error(err)
	}
	ended := time.Now()
	second := start()
	p.post("after the restart")
	awaitAll(t, viewers)
	t.Logf("%d viewers: the first process ended after %v, all viewers were back after %v", len(viewers), ended.Sub(stopped), time.Since(stopped))
	p.until("each viewer has both posts", func() bool { return c.count() == 2*len(viewers) })
	stop()
	running.Wait()
	if refused.Load() > 0 || c.resets > 0 {
		t.Errorf("%d connections were refused, and %d viewers were told that posts are missing", refused.Load(), c.resets)
	}
	second.Process.Signal(syscall.SIGTERM)
	second.Wait()
}

// count returns how many events the viewers have received.
func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received
}

// awaitAll waits until each viewer has subscribed once more.
func awaitAll(t *testing.T, viewers []*returner) {
	t.Helper()
	late := time.After(2 * time.Minute)
	for i, v := range viewers {
		select {
		case <-v.present:
		case <-late:
			t.Fatalf("%d of %d viewers are there", i, len(viewers))
		}
	}
}
