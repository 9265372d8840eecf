package hub

import (
	"maps"
	"runtime"
	"slices"
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
	round  []*conn  // the connections that each visits; the slice is reused
	groups []*group // the groups that flush looks at, also reused

	// Safe for concurrent use. Each shard has its own, as all processors would contend for one counter.
	delivered, gaps atomic.Uint64

	mu sync.Mutex

	// Guarded by mu.
	conns    []*conn // each connection has its index here in slot
	always   int     // how many of them, the first ones, are visited at every event; the others have filters
	filtered map[*filter]*group
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
			s.each(s.all, func(c *conn) { c.heartbeat(now) })
		}
	}
}

// flush writes to all connections for which there is something new.
func (s *shard) flush() {
	s.each(s.unfiltered, flushConn)
	s.mu.Lock()
	s.groups = slices.AppendSeq(s.groups[:0], maps.Values(s.filtered))
	s.mu.Unlock()
	for _, g := range s.groups {
		s.visit(g)
	}
	clear(s.groups)
}

func flushConn(c *conn) { c.flush() }

// wake tells the shard that something was published.
func (s *shard) wake() {
	select {
	case s.appended <- struct{}{}:
	default: // a round is due anyway
	}
}

// each calls f for every connection that list appends, with the connection's mu held. Meanwhile
// connections can be added and removed. Only run calls each.
func (s *shard) each(list func([]*conn) []*conn, f func(*conn)) {
	s.mu.Lock()
	s.round = list(s.round[:0])
	s.mu.Unlock()
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

// all appends the shard's connections to dst. s.mu is held.
func (s *shard) all(dst []*conn) []*conn { return append(dst, s.conns...) }

// unfiltered appends the connections that are visited at every event. s.mu is held.
func (s *shard) unfiltered(dst []*conn) []*conn { return append(dst, s.conns[:s.always]...) }

// add adds a connection. c.mu is held.
func (s *shard) add(c *conn) {
	s.mu.Lock()
	c.slot = len(s.conns)
	s.conns = append(s.conns, c)
	s.mu.Unlock()
	s.place(c)
}

// remove removes a connection, and its cursors from their groups. c.mu is held.
func (s *shard) remove(c *conn) {
	for _, f := range c.cursors {
		s.leave(c, f.view)
	}
	c.cursors = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.slot < s.always {
		s.always--
		s.swap(c.slot, s.always)
	}
	last := len(s.conns) - 1
	s.swap(c.slot, last)
	s.conns[last] = nil
	s.conns = s.conns[:last]
	c.slot = -1
}

// swap exchanges two connections. s.mu is held.
func (s *shard) swap(i, j int) {
	s.conns[i], s.conns[j] = s.conns[j], s.conns[i]
	s.conns[i].slot, s.conns[j].slot = i, j
}
