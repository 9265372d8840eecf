//go:build unix && !linux

package hub

import (
	"net"
	"syscall"
	"time"
)

// giveUpAfter is left to the system's own patience here.
func giveUpAfter(*net.TCPConn, time.Duration) {}

// writeFD writes as much as the socket takes at once, which may be nothing.
func writeFD(fd int32, b []byte) (int, error) {
	for {
		n, err := syscall.Write(int(fd), b)
		switch err {
		case nil:
			return n, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, err
		}
	}
}
