//go:build !386

package hub

import (
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// poller waits, in one goroutine, for all sockets that have something to say or,
// having been full, take something again. It is epoll(7), which Go's own waits for.
type poller struct {
	work *sync.WaitGroup // what its goroutine belongs to
	once sync.Once
	file *os.File // with the first connection; nil if there can't be one, and all have goroutines
	fd   int      // the same

	mu    sync.Mutex
	conns map[int32]*conn // by descriptor
}

func newPoller(work *sync.WaitGroup) *poller {
	return &poller{work: work, conns: map[int32]*conn{}}
}

func (p *poller) begin() {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return
	}
	syscall.SetNonblock(fd, true) // so that it is waited for
	p.fd, p.file = fd, os.NewFile(uintptr(fd), "epoll")
	p.work.Go(p.run)
}

// run calls the connections' methods when there is something to do, until stop.
func (p *poller) run() {
	raw, err := p.file.SyscallConn()
	events := make([]syscall.EpollEvent, 256)
	for buf := make([]byte, 16<<10); err == nil; {
		n := 0
		err = raw.Read(func(fd uintptr) bool {
			n, _ = syscall.EpollWait(int(fd), events, 0)
			return n > 0
		})
		for _, ev := range events[:max(n, 0)] {
			p.tell(ev, buf)
		}
	}
}

// stop ends run.
func (p *poller) stop() {
	if p.file != nil {
		p.file.Close()
	}
}

func (p *poller) ctl(op int, fd int32, events uint32) error {
	return syscall.EpollCtl(p.fd, op, int(fd), &syscall.EpollEvent{Events: events, Fd: fd})
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
	if c.state != over {
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

// watch says whether it matters that the socket has room again.
func (p *poller) watch(fd int32, room bool) {
	events := uint32(syscall.EPOLLIN)
	if room {
		events |= syscall.EPOLLOUT
	}
	if fd >= 0 { // or it is over, or has goroutines
		p.ctl(syscall.EPOLL_CTL_MOD, fd, events)
	}
}

func shutFD(fd int32) error { return syscall.Shutdown(int(fd), syscall.SHUT_WR) }

// add takes a plain TCP connection over from the runtime, which would have it polled
// as well, and keep half a kilobyte for it. It does nothing to any other; c.mu is held.
func (p *poller) add(c *conn) bool {
	tcp, ok := c.net.(*net.TCPConn)
	if !ok {
		return false
	}
	if p.once.Do(p.begin); p.file == nil {
		return false
	}
	var fd uintptr
	errno := syscall.EBADF
	if raw, err := tcp.SyscallConn(); err == nil {
		raw.Control(func(theirs uintptr) {
			fd, _, errno = syscall.Syscall(syscall.SYS_FCNTL, theirs, syscall.F_DUPFD_CLOEXEC, 0)
		})
	}
	if errno != 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.ctl(syscall.EPOLL_CTL_ADD, int32(fd), syscall.EPOLLIN); err != nil {
		syscall.Close(int(fd))
		return false
	}
	p.conns[int32(fd)] = c
	tcp.Close()
	c.fd, c.net = int32(fd), nil
	return true
}

// remove closes the socket. What is on its way is forgotten if it is to be reset.
func (p *poller) remove(fd int32, reset bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, fd)
	p.ctl(syscall.EPOLL_CTL_DEL, fd, 0) // a process that is just being started may hold the socket, too
	if reset {
		syscall.SetsockoptLinger(int(fd), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	}
	syscall.Close(int(fd))
}

// writeFD writes as much as the socket takes at once, which may be nothing. The
// scheduler isn't told of the call: it doesn't wait for room, and telling costs a
// tenth of it. send(2) does less than write(2) on its way to the socket; only 386 has
// no call of its own for it.
func writeFD(fd int32, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case syscall.EAGAIN, syscall.EINTR:
		return 0, nil
	}
	return 0, errno
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
