package hub

import (
	"net"
	"syscall"
	"time"
	"unsafe"
)

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
