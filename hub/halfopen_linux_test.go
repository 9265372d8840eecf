package hub

import (
	"fmt"
	"net"
	"syscall"
	"testing"
)

// The client of a stream confirms what it gets, and says nothing else: after a
// minute without that the system ends the connection, where it would try for a
// quarter of an hour.
func TestHalfOpen_TheSystemGivesUpAfterAMinute(t *testing.T) {
	h, address := serving(t)
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprint(client, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	h.all()[0].raw.Control(func(fd uintptr) {
		if got, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout); got != 60_000 || err != nil {
			t.Errorf("gives up after %d ms, %v, want a minute", got, err)
		}
	})
}

// A connection may end before the system has been asked to watch it.
func TestPoller_DoesNotKeepWhoIsGone(t *testing.T) {
	h := New(Options{})
	c := loopback(t, h)
	p := newPoller()
	defer p.stop()
	p.add(c)
	p.remove(c)
	p.watch(c)
	if p.conn(c.serial) != nil {
		t.Error("it is still known")
	}
}
