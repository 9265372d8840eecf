package hub

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sink is a connection that takes everything at once and says nothing.
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

// sunk has the hub write a stream to a sink.
func sunk(h *Hub, follows ...follow) *sink {
	s := &sink{over: make(chan struct{})}
	c := h.newConn(s, bufio.NewReaderSize(s, 16), netip.Prefix{})
	c.form, c.ends, c.follows = lineForm, time.Now().Add(time.Hour), follows
	h.add(c)
	return s
}

func TestStop_TakesNoLongerForMoreThanAThousandASecond(t *testing.T) {
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
