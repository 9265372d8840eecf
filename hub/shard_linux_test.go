package hub

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// What one connection has before it is another's turn is bounded, also if it takes
// whatever there is; then the shard comes back for the rest.
func TestShard_ComesBackToWhoHasMuchToRead(t *testing.T) {
	h := New(Options{RingBytes: 64 << 20})
	c := loopback(t, h)
	s := c.shard
	c.follows = []follow{{log: h.Channel("streaming").log.Load()}}
	for range 100 {
		if _, err := h.Channel("streaming").Trigger(t.Context(), "create", strings.Repeat("x", maxData-2)); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		<-s.appended
		before := s.delivered.Load()
		s.each((*conn).flush)
		if n := s.delivered.Load() - before; n > 16 {
			t.Fatalf("%d events of 16 KiB in one turn, want up to 16", n)
		}
		if !c.behind() {
			return
		}
	}
	t.Error("ten rounds were not enough")
}

// loopback is a connection that h serves, with somebody at the other end who
// reads whatever comes.
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
	c.form, c.ends = lineForm, time.Now().Add(time.Hour)
	h.add(c)
	t.Cleanup(func() {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		h.Run(ctx)
		there.Close()
		reading.Wait()
	})
	return c
}
