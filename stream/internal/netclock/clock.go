// Package netclock estimates the time by the clock of a network. Our own clock can be wrong by
// minutes, and what a network dates must be compared with the network's time.
package netclock

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// precision is the difference to the Date of a response up to which the estimate is kept: a
	// Date has whole seconds, and the response was on its way for some time.
	precision = 2 * time.Second
	// furthest is how far ahead of the estimate an event can be that corrects the estimate.
	furthest = 10 * time.Minute
	// furthestFirst replaces furthest for the first event of a connection, because until then
	// nothing may be known, or the machine may have been suspended.
	furthestFirst = 24 * time.Hour
)

// Clock estimates the time of a network from the dates of its responses, and from the times of
// its events, which are never in the future. Corrections of our clock have no effect, because
// Clock measures the time between two samples with the monotonic clock. The zero value is our
// clock. A Clock is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	began  time.Time     // when the clock was first used, by our clock
	offset time.Duration // the network's time less ours
	known  bool          // offset comes from the network
	first  bool          // the next event is the first of a connection
	live   bool          // that event is of the present
}

// Now returns the time of the network.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ours().Add(c.offset)
}

// Header corrects the estimate by the Date of a response, if it has one.
func (c *Clock) Header(h http.Header) {
	at := Date(h)
	if at.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead := at.Sub(c.ours()); (ahead - c.offset).Abs() > precision {
		c.offset = ahead + time.Second/2
	}
	c.known = true
}

// Connected says that a connection was opened. Live says that its first event is of the present.
// Otherwise the server begins with older events.
func (c *Clock) Connected(live bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first, c.live = true, live
}

// Event corrects the estimate if an event is ahead of it. If it is too far ahead, the time of the
// event is wrong, and the result is false.
func (c *Clock) Event(at time.Time) (plausible bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ahead, most := at.Sub(c.ours())-c.offset, furthest
	if c.first {
		most = furthestFirst
	}
	if ahead > most {
		return false
	}
	if ahead > 0 || c.first && c.live && !c.known && ahead > -furthestFirst {
		c.offset += ahead
		c.known = true
	}
	c.first = false
	return true
}

// ours is the time by our clock, without corrections since began. c.mu is held.
func (c *Clock) ours() time.Time {
	if c.began.IsZero() {
		c.began = time.Now()
	}
	return c.began.Add(time.Since(c.began)).Round(0).UTC()
}

// Date returns the time of a response by the server's clock; zero if the response has none. A
// cache gives the time of the original response, and its age.
func Date(h http.Header) time.Time {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	age, _ := strconv.ParseInt(h.Get("Age"), 10, 32)
	return at.Add(time.Duration(max(age, 0)) * time.Second)
}
