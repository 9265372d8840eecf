//go:build !unix

package hub

import (
	"net"
	"syscall"
	"time"
)

// Elsewhere every connection takes the path that TLS takes.
func rawConn(net.Conn) (syscall.RawConn, int32) { return nil, -1 }

func writeFD(int32, []byte) (int, error) { return 0, syscall.EINVAL }

func giveUpAfter(*net.TCPConn, time.Duration) {}

func fileLimit() int { return 1 << 20 }
