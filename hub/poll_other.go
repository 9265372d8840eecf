//go:build !linux || 386

package hub

import (
	"net"
	"sync"
	"syscall"
	"time"
)

// poller watches nothing here: every connection has goroutines that wait, as those
// over TLS have everywhere.
type poller struct{}

func newPoller(*sync.WaitGroup) *poller { return &poller{} }

func (p *poller) add(*conn) bool    { return false }
func (p *poller) await(int32, bool) {}
func (p *poller) remove(int32)      {}
func (p *poller) stop()             {}

func writeFD(int32, []byte) (int, error)      { return 0, syscall.EINVAL }
func shutdownFD(int32) bool                   { return false }
func resetFD(int32)                           {}
func giveUpAfter(*net.TCPConn, time.Duration) {}
func fileLimit() int                          { return 1 << 20 }
