//go:build !386

package hub

import (
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The kernel reports room only once a third of the socket's buffer is free. This client reads
// so slowly that it needs many times Limits.Write to free that much.
func TestSlowReader_TenKilobytesASecondAreFastEnough(t *testing.T) {
	if testing.Short() {
		t.Skip("measures a real kernel, in real time")
	}
	t.Parallel()
	h, address := serving(t, Options{Limits: Limits{Write: 4 * time.Second}})
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error { // in segments as small as on a real network
		return raw.Control(func(fd uintptr) {
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1460)
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10)
		})
	}}
	client, err := d.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprint(client, "GET /lines HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for range 60 { // twice what the kernel buffers
		if _, err := h.Channel("streaming").Trigger(t.Context(), "create", strings.Repeat("x", 8000)); err != nil {
			t.Fatal(err)
		}
	}
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for n := range 240 { // three times Limits.Write
		if _, err := io.CopyN(io.Discard, client, 500); err != nil {
			t.Fatalf("after %d bytes: %v, %+v", 500*n, err, h.Stats())
		}
		<-pace.C
	}
	if got := h.Stats(); got.Slow != 0 || got.Connections != 1 {
		t.Errorf("%+v, want nobody dropped", got)
	}
}

// A client that sends requests without reading the replies is dropped and counted once, even
// if it is the close frame that exceeds the limit on its output.
func TestDropSlow_CountsEachConnectionOnce(t *testing.T) {
	for _, too := range []func(*conn){
		func(c *conn) { c.appendOutput(make([]byte, maxOut+1)) },
		func(c *conn) { c.appendOutput(make([]byte, maxOut)); c.closeLocked(1012, "restart") },
	} {
		h := New(Options{})
		c := loopback(t, h)
		c.mu.Lock()
		c.form, c.writePending = webSocketForm, true // the poller can't change this, as mu is held
		too(c)
		c.dropSlow()
		c.mu.Unlock()
		if got := h.Stats(); got.Slow != 1 || got.Closed[1013] != 1 || len(got.Closed) != 1 || got.Connections != 0 {
			t.Errorf("%+v, want one dropped, with 1013", got)
		}
	}
}

// If the last retry writes everything, the connection stays, and the poller must no longer
// watch for room, which it would report all the time.
func TestSlowReader_AReaderThatCaughtUpStays(t *testing.T) {
	for _, left := range []string{"", "the rest"} {
		h := New(Options{})
		c := loopback(t, h)
		c.mu.Lock()
		c.out = []byte(left)
		c.writePending, c.lastWrite = true, time.Now().Add(-time.Hour)
		h.poller.watch(c.fd, true)
		c.heartbeat(time.Now())
		events := make([]syscall.EpollEvent, 1)
		n, err := syscall.EpollWait(h.poller.fd, events, 0)
		if n != 0 || err != nil || c.writePending || c.state != open {
			t.Errorf("%q left: %d events %v, %v, pending: %t, state %d, want none and an open connection", left, n, events, err, c.writePending, c.state)
		}
		c.mu.Unlock()
		if got := h.Stats(); got.Slow != 0 {
			t.Errorf("%q left: %+v, want nobody dropped", left, got)
		}
	}
}
