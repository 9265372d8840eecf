package hub

import (
	"maps"
	"sync"
)

// Stats are the counts of a hub since it was made.
type Stats struct {
	Connections int64  // open now, streams included
	Delivered   uint64 // events written to connections
	Gaps        uint64 // gap and reset notices: a reader's next event was not held any more
	Slow        uint64 // slow consumers that were dropped

	Closed  map[int]uint64 // WebSockets that the server decided to end, by close code, even if it was not sent
	Refused map[int]uint64 // requests that the gate refused, by HTTP status
}

type counters struct {
	mu sync.Mutex

	// Guarded by mu.
	total Stats // except Delivered and Gaps, which the shards count
}

func (c *counters) count(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.total)
}

func (c *counters) countClosed(code int) { c.count(func(s *Stats) { s.Closed[code]++ }) }

// Stats returns the counts of this moment.
func (h *Hub) Stats() (stats Stats) {
	h.stats.count(func(s *Stats) {
		stats = *s
		stats.Closed, stats.Refused = maps.Clone(s.Closed), maps.Clone(s.Refused)
	})
	for _, s := range h.shards {
		stats.Delivered += s.delivered.Load()
		stats.Gaps += s.gaps.Load()
	}
	return stats
}
