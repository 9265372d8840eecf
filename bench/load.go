package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// load is the viewers and the publishers, in one loop over epoll(7).
type load struct {
	server  served
	epoll   int
	sockets map[int32]func(b []byte) // by socket, what to call with the bytes read; with no bytes at the end of the connection
	buf     []byte
	events  []unix.EpollEvent

	viewers    []*viewer // those whose connection is open
	idle       []*viewer // those that no message is for
	publishers []int     // descriptors
	again      bool      // a publisher sends its next request as soon as the last one is answered
	failed     error     // the first error of publishing

	published, received int
	gone                int // messages received by viewers whose connection has ended
	closed              int // connections that the server ended
	latency             []time.Duration
	arrived             time.Time // when the newest bytes arrived
}

func newLoad(server served) (*load, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &load{
		server: server, epoll: epoll, sockets: map[int32]func([]byte){},
		buf: make([]byte, 64<<10), events: make([]unix.EpollEvent, 256),
	}, err
}

// watch calls f with the bytes read from fd.
func (l *load) watch(fd int, f func([]byte)) error {
	l.sockets[int32(fd)] = f
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// addViewers connects n more viewers.
func (l *load) addViewers(p peer, n int) error {
	for range n {
		v, err := dial(l.server.Address, p, len(l.viewers)+len(l.idle))
		if err != nil {
			return err
		}
		l.viewers = append(l.viewers, v)
		stamped := func(nanos int64) { l.latency = append(l.latency, l.arrived.Sub(time.Unix(0, nanos))) }
		if err := l.watch(v.fd, func(b []byte) { l.receive(v, b, stamped) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) receive(v *viewer, b []byte, stamped func(int64)) {
	if len(b) == 0 {
		l.closed++
		l.gone += v.received
		l.viewers = slices.DeleteFunc(l.viewers, func(other *viewer) bool { return other == v })
		return
	}
	l.arrived = time.Now()
	l.received += v.take(b, stamped)
}

// run reads what arrives, and calls drive after each round of reads. drive returns how long
// run can wait before it must call drive again. A negative time ends run.
func (l *load) run(drive func(now time.Time) (wait time.Duration)) error {
	for {
		wait := drive(time.Now())
		if wait < 0 || l.failed != nil {
			return l.failed
		}
		n, err := unix.EpollWait(l.epoll, l.events, int((wait+time.Millisecond-1)/time.Millisecond))
		if err != nil && err != unix.EINTR {
			return os.NewSyscallError("epoll_wait", err)
		}
		for _, ev := range l.events[:max(n, 0)] {
			if err := l.read(int(ev.Fd)); err != nil {
				return err
			}
		}
	}
}

// read reads from fd once. If more bytes are left, epoll reports fd again.
func (l *load) read(fd int) error {
	n, err := unix.Read(fd, l.buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return nil
	case n > 0:
		l.sockets[int32(fd)](l.buf[:n])
		return nil
	case slices.Contains(l.publishers, fd):
		return fmt.Errorf("the server has closed a publisher's connection")
	}
	l.sockets[int32(fd)](nil)
	delete(l.sockets, int32(fd))
	return unix.Close(fd)
}

// pending is how many messages are on their way to an open connection, on average.
func (l *load) pending() int {
	if len(l.viewers) == 0 {
		return 0
	}
	return l.published - (l.received-l.gone)/len(l.viewers)
}

// settle waits until all messages have arrived. It gives up when nothing has arrived for a
// second, and after patience.
func (l *load) settle() error {
	give, last, received := time.Now().Add(patience), time.Now(), l.received
	return l.run(func(now time.Time) time.Duration {
		if l.received != received {
			last, received = now, l.received
		}
		if l.pending() <= 0 || now.After(give) || now.Sub(last) > time.Second {
			return -1
		}
		return 50 * time.Millisecond
	})
}
