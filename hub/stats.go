package hub

import (
	"maps"
	"sync"
)

// Stats is what a hub can say of itself. Counts are since it was made.
type Stats struct {
	Connections int64          // open now, streams included
	Delivered   uint64         // events written to connections
	Gaps        uint64         // announced to readers: they were overrun, or the log begins anew
	Slow        uint64         // connections dropped because they took nothing, or less than they asked for
	Closed      map[int]uint64 // connections ended from here, by close code of RFC 6455, told or not
	Refused     map[int]uint64 // requests that were not let in, by HTTP status
}

type counters struct {
	mu    sync.Mutex
	total Stats
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
