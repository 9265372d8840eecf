//go:build !386

package hub

import (
	"net"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// poller waits, in one goroutine, for all sockets that have something to say or,
// having been full, take something again. It is epoll(7).
type poller struct {
	work  *sync.WaitGroup // what its goroutine belongs to
	once  sync.Once
	begun bool // with the first connection, unless the system had no descriptors left
	epoll int
	wake  [2]int // a pipe: closing the writing end ends run

	mu    sync.Mutex
	conns map[int32]*conn // by descriptor
}

func newPoller(work *sync.WaitGroup) *poller {
	return &poller{work: work, conns: map[int32]*conn{}}
}

func (p *poller) begin() {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return
	}
	p.epoll = epoll
	if err := syscall.Pipe2(p.wake[:], syscall.O_CLOEXEC); err != nil {
		syscall.Close(epoll)
		return
	}
	if err := p.control(syscall.EPOLL_CTL_ADD, int32(p.wake[0]), syscall.EPOLLIN); err != nil {
		return // three descriptors are the least of such a system's troubles
	}
	p.begun = true
	p.work.Go(p.run)
}

func (p *poller) control(op int, fd int32, events uint32) error {
	return syscall.EpollCtl(p.epoll, op, int(fd), &syscall.EpollEvent{Events: events, Fd: fd})
}

// run calls the connections' methods when there is something to do, until stop.
func (p *poller) run() {
	defer syscall.Close(p.epoll)
	defer syscall.Close(p.wake[0])
	events := make([]syscall.EpollEvent, 256)
	buf := make([]byte, 16<<10)
	for {
		n, err := syscall.EpollWait(p.epoll, events, -1)
		if err != nil && err != syscall.EINTR {
			return
		}
		for _, ev := range events[:max(n, 0)] {
			if ev.Fd == int32(p.wake[0]) {
				return
			}
			p.tell(ev, buf)
		}
	}
}

// tell passes an event on. If it was meant for a connection that had the descriptor
// before, there is nothing to do, and nothing is done.
func (p *poller) tell(ev syscall.EpollEvent, buf []byte) {
	p.mu.Lock()
	c := p.conns[ev.Fd]
	p.mu.Unlock()
	if c == nil {
		return
	}
	if ev.Events&syscall.EPOLLOUT != 0 {
		c.writable()
	}
	if ev.Events&^syscall.EPOLLOUT != 0 {
		c.readable(buf)
	}
}

// readable reads what there is, or as much as is one client's turn.
func (c *conn) readable(buf []byte) {
	c.mu.Lock()
	n, err := 0, error(syscall.EAGAIN)
	if !c.over {
		n, err = syscall.Read(int(c.fd), buf)
	}
	c.mu.Unlock()
	switch {
	case n > 0:
		c.hear(buf[:n])
	case err != syscall.EAGAIN && err != syscall.EINTR:
		c.gone()
	}
}

// add takes a plain TCP connection over from the runtime, which would have it polled
// as well, and keep half a kilobyte for it. It does nothing to any other; c.mu is held.
func (p *poller) add(c *conn) bool {
	tcp, ok := c.net.(*net.TCPConn)
	if !ok {
		return false
	}
	if p.once.Do(p.begin); !p.begun {
		return false
	}
	fd := int32(-1)
	if raw, err := tcp.SyscallConn(); err == nil {
		raw.Control(func(theirs uintptr) { fd = duplicate(theirs) })
	}
	if fd < 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.control(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN); err != nil {
		syscall.Close(int(fd))
		return false
	}
	p.conns[fd] = c
	tcp.Close()
	c.fd, c.net = fd, nil
	return true
}

// await has it told, too, when the socket takes more.
func (p *poller) await(fd int32, more bool) {
	events := uint32(syscall.EPOLLIN)
	if more {
		events |= syscall.EPOLLOUT
	}
	p.control(syscall.EPOLL_CTL_MOD, fd, events)
}

// remove closes the socket, and epoll forgets it.
func (p *poller) remove(fd int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, fd)
	syscall.Close(int(fd))
}

// stop ends run, which gives the descriptors back.
func (p *poller) stop() {
	if p.begun {
		syscall.Close(p.wake[1])
	}
}

func duplicate(fd uintptr) int32 {
	n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1
	}
	return int32(n)
}

// writeFD writes as much as the socket takes at once, which may be nothing. The
// scheduler isn't told of the call: it doesn't wait, and telling costs a tenth of it.
// send(2) does less than write(2) on its way to the socket.
func writeFD(fd int32, b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
			syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, errno
		}
	}
}

// shutdownFD says that nothing follows.
func shutdownFD(fd int32) bool { return syscall.Shutdown(int(fd), syscall.SHUT_WR) == nil }

// resetFD has the system forget what is on its way when the socket is closed.
func resetFD(fd int32) {
	syscall.SetsockoptLinger(int(fd), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
}

// giveUpAfter has the system end a connection whose other side confirms nothing
// for so long. A stream's client says nothing, so we would not miss it.
func giveUpAfter(tcp *net.TCPConn, d time.Duration) {
	if raw, err := tcp.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(d.Milliseconds()))
		})
	}
}

const tcpUserTimeout = 18 // tcp(7); the syscall package has no name for it

// fileLimit is how many descriptors the process may have.
func fileLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20))
}
