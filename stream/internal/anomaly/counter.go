// Package anomaly counts unexpected data from networks. It logs each kind of anomaly only
// once, so that a network can't fill the log.
package anomaly

import (
	"context"
	"log/slog"
	"sync"
)

// mostKinds is how many kinds are counted separately. There must be a limit, because some
// kinds contain a name that the network chose.
const mostKinds = 100

// other is the kind under which all further kinds are counted.
const other = "other"

// Counter counts anomalies by kind. The zero value is ready for use. Several goroutines can
// use it at once.
type Counter struct {
	mu     sync.Mutex
	counts map[string]uint64 // guarded by mu
}

// Note counts an anomaly, and logs the first one of its kind with the attributes attrs.
func (c *Counter) Note(log *slog.Logger, level slog.Level, kind string, attrs ...any) {
	if c.add(kind) == 1 {
		log.Log(context.Background(), level, "unexpected data, logged once per kind", append([]any{"kind", kind}, attrs...)...)
	}
}

// Add counts an anomaly without logging it, because it is too common.
func (c *Counter) Add(kind string) { c.add(kind) }

// Count returns how many anomalies of a kind were counted.
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
