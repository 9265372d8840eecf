package hub

import "sync"

// arrivals tells the program about new events of a channel. The zero value is ready to use.
type arrivals struct {
	mu   sync.Mutex
	next chan struct{} // closed at the next arrival; nil if nobody waits; guarded by mu
}

func (a *arrivals) wait() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.next == nil {
		a.next = make(chan struct{})
	}
	return a.next
}

func (a *arrivals) tell() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.next != nil {
		close(a.next)
		a.next = nil
	}
}

// Arrival returns a Go channel that is closed once the log has got new events.
func (c *Channel) Arrival() <-chan struct{} { return c.arrivals.wait() }
