//go:build !unix

package hub

import (
	"net"
	"syscall"
)

// Elsewhere every connection takes the path that TLS takes.
func rawConn(net.Conn) syscall.RawConn { return nil }

func writeFD(uintptr, []byte) (int, error) { return 0, syscall.EINVAL }

func fileLimit() int { return 1 << 20 }
