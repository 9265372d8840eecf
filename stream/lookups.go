package stream

import (
	"errors"
	"maps"
	"net/http"
	"sync"
)

// Lookups counts the requests of sources for authors and posts, for the metrics. It is safe for
// concurrent use. A nil Lookups counts nothing.
type Lookups struct {
	mu     sync.Mutex
	counts map[Lookup]uint64 // guarded by mu
}

// Lookup is a kind of requests with the same result.
type Lookup struct {
	Of     string // the network, and what is looked up
	Result string // ok, limited, refused or failed
}

// Add counts a request that ended with err.
func (l *Lookups) Add(of string, err error) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[Lookup]uint64{}
	}
	l.counts[Lookup{of, resultOf(err)}]++
}

// Counts returns the number of requests of each kind.
func (l *Lookups) Counts() map[Lookup]uint64 {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.counts)
}

func resultOf(err error) string {
	status, ok := errors.AsType[*StatusError](err)
	switch {
	case err == nil:
		return "ok"
	case ok && (status.Code == http.StatusTooManyRequests || status.Code == EnhanceYourCalm):
		return "limited"
	case ok && status.IsRefusal():
		return "refused"
	}
	return "failed"
}
