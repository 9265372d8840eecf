//go:build !linux || 386

package hub

import (
	"errors"
	"net"
	"sync"
	"time"
)

// poller takes over no connection on this system. So every connection has goroutines, as a
// connection over TLS has on all systems.
type poller struct{}

func newPoller(*sync.WaitGroup) *poller { return &poller{} }

func (p *poller) add(*conn) bool     { return false }
func (p *poller) watch(int32, bool)  {}
func (p *poller) remove(int32, bool) {}
func (p *poller) stop()              {}

func writeFD(int32, []byte) (int, error) { return 0, errors.ErrUnsupported }
func shutdownFD(int32) error             { return errors.ErrUnsupported }

func setUserTimeout(*net.TCPConn, time.Duration) {}
func fileLimit() int                             { return 1 << 20 }
