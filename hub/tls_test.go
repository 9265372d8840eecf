package hub_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// sipping is a connection that carries at most 16 KB a second to the client.
type sipping struct {
	net.Conn
	fast bool // no limit yet, as during the handshake
}

func (s *sipping) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b[:min(len(b), 1<<10)])
	if !s.fast {
		after(time.Duration(n) * time.Second / (16 << 10))
	}
	return n, err
}

// slowly runs a test with a client over TLS, whose connection becomes slow once the client has
// subscribed.
func slowly(t *testing.T, test func(*testing.T, *world, *client)) {
	synctest.Test(t, func(t *testing.T) {
		ln, network := newPipes(), &sipping{fast: true}
		o := hub.Options{Ring: 600, RingBytes: 64 << 20, Limits: hub.Limits{Write: 2 * time.Second}}
		w := secured(t, o, ln, func() (net.Conn, error) {
			c, err := ln.dial()
			network.Conn = c
			return network, err
		})
		c := w.follow()
		network.fast, c.patience = false, time.Minute
		test(t, w, c)
	})
}

func TestSlowReader_OverTLSStaysAsLongAsItTakesSomething(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, c *client) {
		for range 30 { // takes 15 s
			w.wide()
		}
		for n := range uint64(30) {
			c.next(n + 1)
		}
		c.answered()
		if got := w.Stats(); got.Slow != 0 || got.Gaps != 0 {
			t.Errorf("%+v, want it to get everything", got)
		}
	})
}

func TestSlowReader_OverTLSIsDroppedIfItTakesNothing(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, c *client) {
		w.wide()
		w.wide()
		c.next(1)
		after(3 * time.Second)
		if got := w.Stats(); got.Slow != 1 {
			t.Errorf("%+v, want it dropped", got)
		}
		for err := error(nil); err == nil; {
			_, _, err = c.read()
		}
		synctest.Wait()
		if got := w.Stats().Connections; got != 0 {
			t.Errorf("%d connections are still counted", got)
		}
	})
}
