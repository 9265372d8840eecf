//go:build !386

package hub

import (
	"fmt"
	"net"
	"syscall"
	"testing"
)

// A stream's client sends nothing but acknowledgements. If these stop, the kernel would by
// default retry for a quarter of an hour. With a limit of 40 s and a heartbeat every 15 s, the
// connection ends within a minute.
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
		t.Errorf("TCP_USER_TIMEOUT is %d ms, %v, want 40 s", got, err)
	}
}

// By itself the kernel would buffer megabytes for a client that doesn't read.
func TestServe_BoundsTheKernelsSendBuffer(t *testing.T) {
	c := loopback(t, New(Options{}))
	c.mu.Lock()
	defer c.mu.Unlock()
	got, err := syscall.GetsockoptInt(int(c.fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF)
	if got > 2*maxSendBuffer || err != nil { // the kernel doubles it
		t.Errorf("SO_SNDBUF is %d, %v, want %d at most", got, err, 2*maxSendBuffer)
	}
}

// The kernel reports events in batches. Before an event is handled, its connection can be
// closed, and another connection can get the descriptor.
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
		c.mu.Lock() // the poller can access c, too
		if c.state != want {
			t.Errorf("state %d, want %d", c.state, want)
		}
		c.mu.Unlock()
	}
}
