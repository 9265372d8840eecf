//go:build !386

package hub

import (
	"fmt"
	"net"
	"syscall"
	"testing"
)

// The client of a stream confirms what it gets, and says nothing else: without that
// the system ends the connection, where it would try for a quarter of an hour. As
// something is sent every 15 s, that is within a minute.
func TestHalfOpen_TheKernelGivesUpAfterFortySeconds(t *testing.T) {
	h, address := serving(t, Options{})
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprint(client, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	c := h.all()[0]
	c.mu.Lock()
	defer c.mu.Unlock()
	got, err := syscall.GetsockoptInt(int(c.fd), syscall.IPPROTO_TCP, tcpUserTimeout)
	if got != 40_000 || err != nil {
		t.Errorf("gives up after %d ms, %v, want 40 s", got, err)
	}
}

// Events come in batches: one may be for a connection that has ended meanwhile, and
// whose descriptor is another's by now.
func TestPoller_AnEventForAClosedConnectionIsIgnored(t *testing.T) {
	h := New(Options{})
	gone, other := loopback(t, h), loopback(t, h)
	fd := gone.fd
	gone.mu.Lock()
	gone.destroy()
	gone.mu.Unlock()
	for _, events := range []uint32{syscall.EPOLLIN, syscall.EPOLLOUT, syscall.EPOLLHUP | syscall.EPOLLERR} {
		h.poller.dispatch(syscall.EpollEvent{Events: events, Fd: fd}, make([]byte, 10))
		h.poller.dispatch(syscall.EpollEvent{Events: events, Fd: other.fd}, make([]byte, 10))
	}
	for c, want := range map[*conn]state{gone: closed, other: open} {
		c.mu.Lock() // the poller is there, too
		if c.state != want {
			t.Errorf("state %d, want %d", c.state, want)
		}
		c.mu.Unlock()
	}
}
