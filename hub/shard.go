package hub

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// shard is a part of the connections, and the goroutine that writes to them.
type shard struct {
	// Set when it is made, never changed.
	tick     time.Duration // Options.Tick
	appended chan struct{} // of capacity one; holds an item if something was published since the last round

	// Owned by run.
	round []*conn // the connections that each visits; the slice is reused

	// Safe for concurrent use. Each shard has its own, as all processors would contend for one counter.
	delivered, gaps atomic.Uint64

	mu sync.Mutex

	// Guarded by mu.
	conns []*conn // each connection has its index here in slot
}

// run is the broadcast loop. It writes to all connections when something was published,
// and calls their heartbeat once a second.
func (s *shard) run(stop <-chan struct{}) {
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	var due <-chan time.Time // the end of the tick in which events are collected
	for {
		select {
		case <-stop:
			return
		case <-s.appended:
			switch {
			case s.tick == 0:
				runtime.Gosched() // lets other publishers append first, for fewer rounds with longer writes
				s.flush()
			case due == nil:
				due = time.After(s.tick)
			}
		case <-due:
			due = nil
			s.flush()
		case now := <-beat.C:
			s.each(func(c *conn) { c.heartbeat(now) })
		}
	}
}

func (s *shard) flush() { s.each(func(c *conn) { c.flush() }) }

// wake tells the shard that something was published.
func (s *shard) wake() {
	select {
	case s.appended <- struct{}{}:
	default: // a round is due anyway
	}
}

// each calls f for every connection of the shard, with the connection's mu held. Meanwhile
// connections can be added and removed. Only run calls each.
func (s *shard) each(f func(*conn)) {
	s.round = s.all(s.round[:0])
	for i, c := range s.round {
		if i%64 == 63 {
			runtime.Gosched() // a round can take long, and publishers have to run
		}
		c.mu.Lock()
		f(c)
		c.mu.Unlock()
	}
	clear(s.round) // or closed connections would stay in memory until the next round
}

// all appends the shard's connections to dst.
func (s *shard) all(dst []*conn) []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(dst, s.conns...)
}

func (s *shard) add(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.slot = len(s.conns)
	s.conns = append(s.conns, c)
}

// remove removes c, and moves the last connection to the slot of c.
func (s *shard) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.conns[len(s.conns)-1]
	s.conns[c.slot], last.slot = last, c.slot
	s.conns[len(s.conns)-1] = nil
	s.conns = s.conns[:len(s.conns)-1]
}
