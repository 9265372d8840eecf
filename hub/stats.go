package hub

import (
	"maps"
	"sync"
	"sync/atomic"
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
	connections atomic.Int64
	slow        atomic.Uint64

	mu              sync.Mutex
	closed, refused map[int]uint64
}

// Stats returns the counts of this moment.
func (h *Hub) Stats() Stats {
	s := &h.stats
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := Stats{
		Connections: s.connections.Load(),
		Slow:        s.slow.Load(),
		Closed:      maps.Clone(s.closed),
		Refused:     maps.Clone(s.refused),
	}
	for _, shard := range h.shards {
		stats.Delivered += shard.delivered.Load()
		stats.Gaps += shard.gaps.Load()
	}
	return stats
}

func (s *counters) countClosed(code int)    { s.count(s.closed, code) }
func (s *counters) countRefused(status int) { s.count(s.refused, status) }

func (s *counters) count(m map[int]uint64, key int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m[key]++
}
