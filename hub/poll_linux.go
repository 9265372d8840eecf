package hub

import (
	"sync"
	"syscall"
)

// poller tells which connections have something to be read, so that one with
// nothing to say needs no goroutine to wait for it. It is epoll(7); a connection
// is armed for one event at a time.
type poller struct {
	epoll int
	wake  [2]int // a pipe: closing the writing end ends run

	mu    sync.Mutex
	conns map[uint64]*conn // by serial, as a descriptor may change hands
}

// newPoller returns nil if the system has no descriptors left: connections then
// have a goroutine each, as on other systems.
func newPoller() *poller {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	p := &poller{epoll: fd, conns: map[uint64]*conn{}}
	if err := syscall.Pipe2(p.wake[:], syscall.O_CLOEXEC); err != nil {
		syscall.Close(fd)
		return nil
	}
	if !p.control(syscall.EPOLL_CTL_ADD, p.wake[0], 0) { // or stop would wake nobody
		syscall.Close(p.wake[0])
		syscall.Close(p.wake[1])
		syscall.Close(fd)
		return nil
	}
	return p
}

// control tells epoll about a descriptor, by the serial of its connection.
func (p *poller) control(op, fd int, serial uint64) bool {
	return syscall.EpollCtl(p.epoll, op, fd, &syscall.EpollEvent{
		Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT,
		Fd:     int32(serial), Pad: int32(serial >> 32), // 64 bits of its user's own
	}) == nil
}

// run calls ready for each connection that can be read, until stop.
func (p *poller) run(ready func(*conn)) {
	defer syscall.Close(p.wake[0])
	defer syscall.Close(p.epoll)
	events := make([]syscall.EpollEvent, 256)
	for {
		n, err := syscall.EpollWait(p.epoll, events, -1)
		if err != nil && err != syscall.EINTR {
			return
		}
		for _, ev := range events[:max(n, 0)] {
			serial := uint64(uint32(ev.Fd)) | uint64(uint32(ev.Pad))<<32
			if serial == 0 {
				return
			}
			if c := p.conn(serial); c != nil {
				ready(c)
			}
		}
	}
}

func (p *poller) conn(serial uint64) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conns[serial]
}

// add makes a connection known. It must come before anybody could remove it.
func (p *poller) add(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c.serial] = c
}

// watch begins to tell about a connection, if the system has room for it.
func (p *poller) watch(c *conn) (ok bool) {
	c.raw.Control(func(fd uintptr) { ok = p.control(syscall.EPOLL_CTL_ADD, int(fd), c.serial) })
	return ok
}

// again watches it once more, after its event. It does nothing to a connection
// that has been closed: whoever closed it has it removed.
func (p *poller) again(c *conn) {
	c.raw.Control(func(fd uintptr) { p.control(syscall.EPOLL_CTL_MOD, int(fd), c.serial) })
}

// remove forgets a connection; epoll does so when it is closed.
func (p *poller) remove(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c.serial)
}

// stop ends run, which gives the descriptors back.
func (p *poller) stop() { syscall.Close(p.wake[1]) }
