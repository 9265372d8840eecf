package hub

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The system tells of room when a third of what it holds for a connection is free, for
// which this client needs many times what a write may take.
func TestSlowReader_WhoTakesTenKilobytesASecondStays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 5 s")
	}
	t.Parallel()
	h := New(Options{RingBytes: 64 << 20, Limits: Limits{Write: time.Second}})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- h.Run(ctx) }()
	server := httptest.NewServer(http.HandlerFunc(h.Channel("streaming").ServeLines))
	defer server.Close()
	defer func() { stop(); <-done }()

	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error { // in segments as on a real network
		return raw.Control(func(fd uintptr) {
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1460)
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10)
		})
	}}
	client, err := d.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprint(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if _, err := h.Channel("streaming").Trigger(t.Context(), "create", strings.Repeat("x", 8000)); err != nil {
			t.Fatal(err)
		}
	}
	for begun := time.Now(); time.Since(begun) < 5*time.Second; time.Sleep(50 * time.Millisecond) {
		if _, err := io.CopyN(io.Discard, client, 500); err != nil {
			t.Fatalf("after %v: %v, %+v", time.Since(begun), err, h.Stats())
		}
	}
	if got := h.Stats(); got.Slow != 0 || got.Connections != 1 {
		t.Errorf("%+v, want nobody dropped", got)
	}
}

// Who owes an answer for too much that was asked for is dropped once, and counted once.
func TestDrop_IsCountedOnce(t *testing.T) {
	h := New(Options{})
	c := loopback(t, h)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.form, c.busy = socketForm, true // and so it stays: the poller is kept off
	for range 3 {
		c.queue(make([]byte, maxOwed))
	}
	c.drop()
	if got := h.Stats(); got.Slow != 1 || got.Closed[1013] != 1 || got.Connections != 0 {
		t.Errorf("%+v, want one dropped, with 1013", got)
	}
}
