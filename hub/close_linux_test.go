//go:build linux && !386

package hub

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lingering is a connection that takes long to close its write side, as one over TLS can.
type lingering struct {
	*sink
	long time.Duration
}

func (l lingering) CloseWrite() error {
	time.Sleep(l.long)
	return nil
}

// lingers runs a hub with one stream, in virtual time, and closes the stream. Closing its
// write side takes d.
func lingers(t *testing.T, d time.Duration, check func(h *Hub, s *sink, begun time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.Run(ctx) })
		s := &sink{over: make(chan struct{})}
		c := h.newConn(lingering{s, d}, netip.Prefix{})
		c.form = lineForm
		c.expires.Store(math.MaxInt64)
		h.open.Add(1)
		h.serve(c)
		time.Sleep(29 * time.Second) // 14 s after a heartbeat
		begun := time.Now()
		c.close(1012, "restart")
		<-s.over
		check(h, s, begun)
		stop()
		running.Wait()
	})
}

// A stream whose write side takes long to close is no slow consumer.
func TestStop_WaitsForTheWriteSideToClose(t *testing.T) {
	lingers(t, 3*time.Second, func(h *Hub, _ *sink, begun time.Time) {
		if took := time.Since(begun); took < 3*time.Second || h.Stats().Slow != 0 {
			t.Errorf("closed after %v, %+v, want it waited for, and nobody slow", took, h.Stats())
		}
	})
}

// If closing the write side takes longer than closeWait, the hub closes the connection without
// waiting. The connection stays closed when closing the write side returns.
func TestClose_AClosedConnectionIsNotClosedAgain(t *testing.T) {
	lingers(t, 2*closeWait, func(h *Hub, _ *sink, begun time.Time) {
		if took := time.Since(begun); took > closeWait+time.Second {
			t.Errorf("closed after %v, want %v", took, closeWait)
		}
		time.Sleep(2 * closeWait)
		if n := h.Stats().Connections; n != 0 {
			t.Errorf("%d connections, want none", n)
		}
	})
}

// A half-closed connection ends as soon as its client has closed its side, too.
func TestClose_AHalfClosedConnectionEndsOnceTheClientHasClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{})
		s := &sink{over: make(chan struct{})}
		c := h.newConn(lingering{sink: s}, netip.Prefix{})
		h.open.Add(1)
		h.serve(c)
		c.close(1012, "restart")
		synctest.Wait()
		if c.state != halfClosed {
			t.Errorf("state %d, want it half-closed", c.state)
		}
		s.Close() // a read returns EOF
		synctest.Wait()
		if c.state != closed {
			t.Errorf("state %d, want it closed", c.state)
		}
		h.drain()
		h.work.Wait()
	})
}

// Events that were published before the hub drains are sent before the notice of the drain.
func TestStop_SendsPublishedEventsBeforeTheDrainNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{})
		ch := h.Channel("streaming")
		s := sunk(h, newCursor(ch.log.Load(), nil, 0))
		if _, err := ch.Trigger(t.Context(), "create", 1); err != nil {
			t.Fatal(err)
		}
		h.all()[0].announceDrain(time.Second) // no shard runs, so only announceDrain can write the event
		synctest.Wait()
		s.mu.Lock()
		create, notice := bytes.Index(s.taken, []byte(`"create"`)), bytes.Index(s.taken, []byte("stream.draining"))
		s.mu.Unlock()
		if create < 0 || notice < create {
			t.Errorf("got %q, want the event before the notice", s.taken)
		}
		h.drain()
		h.work.Wait()
	})
}

// unread publishes events of size bytes in total to a stream's client that doesn't read. It
// returns the client once the hub has written as much as the sockets take.
func unread(t *testing.T, h *Hub, address string, size int) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	client := conn.(*net.TCPConn)
	client.SetReadBuffer(4 << 10)
	fmt.Fprint(client, "GET /lines HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for range size / 8000 {
		if _, err := h.Channel("streaming").Trigger(t.Context(), "create", strings.Repeat("x", 8000)); err != nil {
			t.Fatal(err)
		}
	}
	c := h.all()[0]
	for done := false; !done; runtime.Gosched() {
		c.mu.Lock()
		done = c.writePending || !c.cursors[0].behind()
		c.mu.Unlock()
	}
	return client
}

// expectFreed waits until the hub has no connection, which must take less than closeWait.
func expectFreed(t *testing.T, h *Hub) {
	t.Helper()
	for begun := time.Now(); h.Stats().Connections > 0; time.Sleep(time.Millisecond) {
		if time.Since(begun) > closeWait-time.Second {
			t.Fatal("the connection is still open")
		}
	}
}

// A client that half-closes its connection still gets the events that were written before,
// even those that are still in the kernel's buffer when the hub closes the socket.
func TestClose_AClientThatHalfClosesStillGetsPendingEvents(t *testing.T) {
	h, address := serving(t, Options{})
	client := unread(t, h, address, 80_000)
	client.CloseWrite()
	expectFreed(t, h)
	got, err := io.ReadAll(client)
	if n := bytes.Count(got, []byte(`"create"`)); n != 10 || err != nil {
		t.Errorf("got %d events, %v, want 10 and the end", n, err)
	}
}

// If a client closes its side while its socket is full, the hub doesn't wait for room.
func TestClose_AFullSocketWhoseClientHasClosedIsFreedAtOnce(t *testing.T) {
	h, address := serving(t, Options{})
	client := unread(t, h, address, 6_000_000)
	client.CloseWrite()
	expectFreed(t, h)
}

// A connection that is dropped while it is closing has already been counted by its close code,
// and isn't counted again.
func TestDropSlow_CountsAClosingConnectionByItsFirstCloseCode(t *testing.T) {
	h := New(Options{})
	c := loopback(t, h)
	c.mu.Lock()
	c.form, c.writePending = webSocketForm, true
	c.closeLocked(1012, "restart")
	c.dropSlow()
	c.mu.Unlock()
	if got := h.Stats(); got.Slow != 1 || got.Closed[1012] != 1 || len(got.Closed) != 1 {
		t.Errorf("%+v, want one slow, and one closed with 1012", got)
	}
}

// Once the client has answered the close frame, the server closes first, as RFC 6455
// asks. It doesn't wait for closeWait.
func TestClose_TheAnswerToACloseFrameEndsTheConnection(t *testing.T) {
	h, address := serving(t, Options{})
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprintf(client, "GET /websocket HTTP/1.1\r\nHost: x\r\n%s\r\n", upgrade)
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for h.Stats().Connections == 0 { // the handshake is answered first
		runtime.Gosched()
	}
	closed := closeFrame(1012, "restart")
	h.all()[0].close(1012, "restart")
	got, err := io.ReadAll(client)
	if err != nil || !bytes.HasSuffix(got, closed) {
		t.Fatalf("got %q, %v, want a close frame at the end", got, err)
	}
	client.Write(clientFrame(0x88, string(closed[2:4])))
	expectFreed(t, h)
}
