package hub

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// shard is a part of the connections and the goroutine that writes to them.
type shard struct {
	tick     time.Duration // set once
	appended chan struct{} // of one: there is something to write since the last round
	round    []*conn       // owned by run

	delivered, gaps atomic.Uint64 // counts of its own: one for all would be fought for

	mu    sync.Mutex
	conns []*conn // each knows its slot
}

// run goes round the connections when there is something to write, and once a
// second to see who is due for a ping.
func (s *shard) run(stop <-chan struct{}) {
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	var due <-chan time.Time // for what is being collected
	for {
		select {
		case <-stop:
			return
		case <-s.appended:
			if s.tick == 0 {
				runtime.Gosched() // who else is about to publish does so first: fewer rounds, longer writes
				s.flush()
			} else if due == nil {
				due = time.After(s.tick)
			}
		case <-due:
			due = nil
			s.flush()
		case now := <-beat.C:
			s.each(func(c *conn) { c.beat(now) })
		}
	}
}

func (s *shard) flush() { s.each(func(c *conn) { c.flush() }) }

// wake tells the shard that there is something to write.
func (s *shard) wake() {
	select {
	case s.appended <- struct{}{}:
	default: // it has been told and will look once more
	}
}

// each calls f for every connection there is now, with its mu held; others may come and
// go meanwhile. Only run calls it.
func (s *shard) each(f func(*conn)) {
	s.round = s.all(s.round[:0])
	for i, c := range s.round {
		if i%64 == 63 {
			runtime.Gosched() // a round may take long, and publishers have to run
		}
		c.mu.Lock()
		f(c)
		c.mu.Unlock()
	}
	clear(s.round) // or it would keep those that have gone
}

// all appends the connections to dst.
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

// remove puts the last connection into the place of c.
func (s *shard) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.conns[len(s.conns)-1]
	s.conns[c.slot], last.slot = last, c.slot
	s.conns[len(s.conns)-1] = nil
	s.conns = s.conns[:len(s.conns)-1]
}
