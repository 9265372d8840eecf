package hub

import (
	"context"
	"math"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// The turn of one connection is bounded, even if its socket takes everything. The poller then
// continues with the rest.
func TestShard_LeavesAConnectionThatIsFarBehindToThePoller(t *testing.T) {
	h := New(Options{RingBytes: 64 << 20})
	c := loopback(t, h)
	for range 100 {
		if _, err := h.Channel("streaming").Trigger(t.Context(), "create", strings.Repeat("x", maxData-2)); err != nil {
			t.Fatal(err)
		}
	}
	c.mu.Lock() // so that the poller can't write
	c.cursors = []cursor{newCursor(h.Channel("streaming").log.Load(), nil, 0)}
	c.flush()
	if n := c.shard.delivered.Load(); n == 0 || n > 16 {
		t.Errorf("%d events of 16 KiB in one turn, want up to 16", n)
	}
	c.mu.Unlock()
	for begun := time.Now(); c.shard.delivered.Load() < 100; runtime.Gosched() {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%d of 100 after ten seconds", c.shard.delivered.Load())
		}
	}
}

// loopback makes a TCP connection that h serves. The client at the other end reads everything.
func loopback(t *testing.T, h *Hub) *conn {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	there, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	here, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for buf := make([]byte, 256<<10); err == nil; {
			_, err = there.Read(buf)
		}
	})
	c := h.newConn(here, netip.Prefix{})
	c.form = lineForm
	c.expires.Store(math.MaxInt64)
	h.open.Add(1)
	h.serve(c)
	t.Cleanup(func() {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		there.Close() // or the hub would wait for the client
		h.Run(ctx)
		reading.Wait()
	})
	return c
}
