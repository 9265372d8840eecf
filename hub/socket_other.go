//go:build !linux

package hub

import (
	"net"
	"syscall"
	"time"
)

// Elsewhere every connection takes the path that TLS takes, with a goroutine that
// waits for something to read.

func rawConn(net.Conn) (syscall.RawConn, int32) { return nil, -1 }

func writeFD(int32, []byte) (int, error) { return 0, syscall.EINVAL }

func giveUpAfter(*net.TCPConn, time.Duration) {}

func fileLimit() int { return 1 << 20 }

type poller struct{}

func newPoller() *poller           { return nil }
func (p *poller) run(func(*conn))  {}
func (p *poller) add(*conn)        {}
func (p *poller) watch(*conn) bool { return false }
func (p *poller) again(*conn)      {}
func (p *poller) remove(*conn)     {}
func (p *poller) stop()            {}
