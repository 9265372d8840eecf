package hub

import (
	"bytes"
	"context"
	"io"
	"math"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sink is a connection that takes everything at once and sends nothing.
type sink struct {
	net.Conn
	over chan struct{}
	once sync.Once

	mu     sync.Mutex
	writes []time.Time
	taken  []byte
}

func (s *sink) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes = append(s.writes, time.Now())
	s.taken = append(s.taken, b...)
	return len(b), nil
}

func (s *sink) Read([]byte) (int, error)         { <-s.over; return 0, io.EOF }
func (s *sink) SetReadDeadline(time.Time) error  { return s.Close() }
func (s *sink) SetWriteDeadline(time.Time) error { return nil }

func (s *sink) Close() error {
	s.once.Do(func() { close(s.over) })
	return nil
}

// sunk makes the hub write a stream to a sink.
func sunk(h *Hub, cursors ...cursor) *sink {
	s := &sink{over: make(chan struct{})}
	c := h.newConn(s, netip.Prefix{})
	c.form, c.cursors = lineForm, cursors
	c.expires.Store(math.MaxInt64)
	h.open.Add(1)
	h.serve(c)
	return s
}

func TestStop_ClosesManyConnectionsWithinTheDrainTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Drain: 2 * time.Second})
		for range 4000 {
			sunk(h)
		}
		begun := time.Now()
		h.drain()
		if took := time.Since(begun); took < time.Second || took > 2*time.Second {
			t.Errorf("4,000 connections are closed after %v, want 2 s", took)
		}
	})
}

// Events are collected for a tick, from the first one on, and written together.
func TestTick_WritesCollectedEventsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Tick: 50 * time.Millisecond})
		ch := h.Channel("streaming")
		s := sunk(h, newCursor(ch.log.Load(), nil, 0))
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.Run(ctx) })
		for range 3 {
			time.Sleep(200 * time.Millisecond) // of the bubble
			s.writes, s.taken = nil, nil
			begun := time.Now()
			for i := range 10 {
				ch.Trigger(ctx, "create", i)
				time.Sleep(4 * time.Millisecond)
			}
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			if len(s.writes) != 1 || s.writes[0].Sub(begun) != 50*time.Millisecond {
				t.Errorf("written at %v, want once, 50 ms after %v", s.writes, begun)
			}
			if n := bytes.Count(s.taken, []byte(`"create"`)); n != 10 {
				t.Errorf("%d events, want 10", n)
			}
		}
		stop()
		running.Wait()
	})
}
