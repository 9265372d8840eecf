//go:build unix

package hub

import (
	"net"
	"syscall"
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
