//go:build linux && !386 && !race

package hub

import (
	"runtime"
	"testing"
)

// With the race detector, a sync.Pool drops items at random.
func TestShard_DeliversWithoutAllocatingMemory(t *testing.T) {
	h := New(Options{})
	publish(t, h, 100)
	c := loopback(t, h)
	c.cursors = append(c.cursors, newCursor(h.Channel("streaming").log.Load(), nil, 0))
	deliver := func() {
		c.cursors[0].at = 0
		c.shard.flush()
		for full := true; full; runtime.Gosched() { // the poller continues the write
			c.mu.Lock()
			full = c.writePending
			c.mu.Unlock()
		}
	}
	deliver() // the buffers grow to what they need
	before := c.shard.delivered.Load()
	if allocs := testing.AllocsPerRun(100, deliver); allocs != 0 {
		t.Errorf("%v allocations for 100 deliveries, want none", allocs)
	}
	if n := c.shard.delivered.Load() - before; n != 101*100 { // AllocsPerRun calls deliver once more than it counts
		t.Errorf("%d deliveries, want 10,100", n)
	}
}
