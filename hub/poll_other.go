//go:build !linux

package hub

// Elsewhere a goroutine for each connection waits for something to read.
type poller struct{}

func newPoller() *poller           { return nil }
func (p *poller) run(func(*conn))  {}
func (p *poller) add(*conn)        {}
func (p *poller) watch(*conn) bool { return false }
func (p *poller) again(*conn)      {}
func (p *poller) remove(*conn)     {}
func (p *poller) stop()            {}
