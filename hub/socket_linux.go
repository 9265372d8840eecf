package hub

import (
	"net"
	"syscall"
	"time"
	"unsafe"
)

// rawConn gives access to the socket of a plain TCP connection; nil and -1 for any other.
func rawConn(c net.Conn) (raw syscall.RawConn, fd int32) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil, -1
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, -1
	}
	fd = -1
	raw.Control(func(socket uintptr) { fd = int32(socket) })
	return raw, fd
}

// fileLimit is how many descriptors the process may have.
func fileLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20))
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

// writeFD writes as much as the socket takes at once, which may be nothing. The
// scheduler isn't told of the call: it doesn't wait, and telling costs a tenth of it.
func writeFD(fd int32, b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
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
