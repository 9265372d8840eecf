// Package anomaly counts the unexpected things that a network sends, and logs each kind
// of them once, so that a network can't fill the log.
package anomaly

import (
	"context"
	"log/slog"
	"sync"
)

// mostKinds bounds how many kinds are told apart: some are named by the network.
const mostKinds = 100

// other is the kind of all above the bound.
const other = "other"

// Counter counts anomalies by kind. The zero value is ready for use, by several
// goroutines at once.
type Counter struct {
	mu     sync.Mutex
	counts map[string]uint64 // guarded by mu
}

// Note counts an anomaly. The first of its kind is logged, with the attributes.
func (c *Counter) Note(log *slog.Logger, level slog.Level, kind string, attrs ...any) {
	if c.add(kind) == 1 {
		log.Log(context.Background(), level, "unexpected data, logged once per kind", append([]any{"kind", kind}, attrs...)...)
	}
}

// Add counts an anomaly that is too common for the log.
func (c *Counter) Add(kind string) { c.add(kind) }

// Count returns how often a kind was noted.
func (c *Counter) Count(kind string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[kind]
}

func (c *Counter) add(kind string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]uint64{}
	}
	if _, known := c.counts[kind]; !known && len(c.counts) >= mostKinds {
		kind = other
	}
	c.counts[kind]++
	return c.counts[kind]
}
