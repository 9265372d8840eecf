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

// poller is one goroutine that waits until sockets have bytes to read, or full sockets have
// room again. It watches them with an instance of epoll(7). Go's network poller watches that
// instance, so the goroutine waits without blocking a thread.
type poller struct {
	// Set when it is made, never changed.
	work *sync.WaitGroup // counts the goroutine

	// Set by begin, with the first connection.
	once sync.Once
	file *os.File // nil if the kernel refuses an instance of epoll; then all connections have goroutines
	fd   int      // the descriptor of file

	mu sync.Mutex

	// Guarded by mu.
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
	syscall.SetNonblock(fd, true) // or os.File would not use the network poller
	p.fd, p.file = fd, os.NewFile(uintptr(fd), "epoll")
	p.work.Go(p.run)
}

// run waits for sockets that are ready, and calls dispatch for each, until the poller is stopped.
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
			p.dispatch(ev, buf)
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

// dispatch calls the methods of the connection whose socket is ready. The kernel may have
// given the descriptor to another connection since. That connection's socket is then not ready,
// and the methods do nothing.
func (p *poller) dispatch(ev syscall.EpollEvent, buf []byte) {
	p.mu.Lock()
	c := p.conns[ev.Fd]
	p.mu.Unlock()
	if c == nil {
		return
	}
	if ev.Events&syscall.EPOLLOUT != 0 {
		c.onWritable()
	}
	if ev.Events&^syscall.EPOLLOUT != 0 {
		c.onReadable(buf)
	}
}

// onReadable reads what has arrived, but at most one buffer, so that other clients get their
// turn.
func (c *conn) onReadable(buf []byte) {
	c.mu.Lock()
	n, err := 0, error(syscall.EAGAIN)
	if c.state != closed {
		n, err = syscall.Read(int(c.fd), buf)
	}
	c.mu.Unlock()
	switch {
	case n > 0:
		c.onBytes(buf[:n])
	case err != syscall.EAGAIN && err != syscall.EINTR:
		c.onPeerClosed()
	}
}

// watch makes the poller report bytes to read and, if room is true, room to write.
func (p *poller) watch(fd int32, room bool) {
	events := uint32(syscall.EPOLLIN)
	if room {
		events |= syscall.EPOLLOUT
	}
	if fd >= 0 { // otherwise the connection is closed, or has goroutines
		p.ctl(syscall.EPOLL_CTL_MOD, fd, events)
	}
}

func shutdownFD(fd int32) error { return syscall.Shutdown(int(fd), syscall.SHUT_WR) }

// add takes over the socket of a plain TCP connection. It reports false for any other
// connection, and if it fails. It duplicates the descriptor and closes the original, because
// Go's network poller would watch the original too, and use half a kilobyte for it. c.mu is
// held.
func (p *poller) add(c *conn) bool {
	tcp, ok := c.net.(*net.TCPConn)
	if !ok {
		return false
	}
	p.once.Do(p.begin)
	if p.file == nil {
		return false
	}
	fd, ok := duplicate(tcp)
	if !ok {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.ctl(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN); err != nil {
		syscall.Close(int(fd))
		return false
	}
	p.conns[fd] = c
	tcp.Close()
	c.fd, c.net = fd, nil
	return true
}

// duplicate returns another descriptor of the socket.
func duplicate(tcp *net.TCPConn) (fd int32, ok bool) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return -1, false
	}
	errno := syscall.EBADF // if tcp is closed, Control doesn't call the function
	raw.Control(func(original uintptr) {
		var n uintptr
		n, _, errno = syscall.Syscall(syscall.SYS_FCNTL, original, syscall.F_DUPFD_CLOEXEC, 0)
		fd = int32(n)
	})
	return fd, errno == 0
}

// remove closes the socket. If reset is true, the kernel discards the bytes that it has not
// sent yet.
func (p *poller) remove(fd int32, reset bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, fd)
	// Without this, a child process that is being forked could still have a copy of the
	// descriptor, and the socket would stay registered until that is closed.
	p.ctl(syscall.EPOLL_CTL_DEL, fd, 0)
	if reset {
		syscall.SetsockoptLinger(int(fd), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	}
	syscall.Close(int(fd))
}

// writeFD writes as much as the socket takes without blocking, which can be nothing. As the
// call can't block, the scheduler isn't told of it: that would add a tenth to its cost.
// send(2) costs less than write(2), which would look up the kind of the file first. The
// syscall package has no number for send on 386, so the poller isn't compiled for 386.
func writeFD(fd int32, b []byte) (int, error) {
	data := unsafe.Pointer(unsafe.SliceData(b))
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(data), uintptr(len(b)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case syscall.EAGAIN, syscall.EINTR:
		return 0, nil
	}
	return 0, errno
}

// setUserTimeout makes the kernel end a half-open connection, one whose client has
// acknowledged nothing for the time d. A stream's client sends nothing but acknowledgements,
// so the hub would not notice by itself that the client is gone.
func setUserTimeout(tcp *net.TCPConn, d time.Duration) {
	if raw, err := tcp.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(d.Milliseconds()))
		})
	}
}

const tcpUserTimeout = 18 // tcp(7); the syscall package has no name for it

// fileLimit is how many descriptors the process can have open.
func fileLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20))
}
