//go:build !linux || 386

package hub

import (
	"net"
	"sync"
	"time"
)

// poller watches nothing here: every connection has goroutines that wait, as those
// over TLS have everywhere.
type poller struct{}

func newPoller(*sync.WaitGroup) *poller { return &poller{} }

func (p *poller) add(*conn) bool     { return false }
func (p *poller) remove(int32, bool) {}
func (p *poller) stop()              {}

func (c *conn) writeNow() {}

func giveUpAfter(*net.TCPConn, time.Duration) {}
func fileLimit() int                          { return 1 << 20 }
