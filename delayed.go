package main

import (
	"slices"
	"sync"
	"time"
)

// delayed holds the ids of the posts that wait for their delay. The zero value is empty. It is safe for
// concurrent use.
type delayed struct {
	mu    sync.Mutex
	since map[string]time.Time // by id: when the post began to wait
}

// add adds a post. If the post is known, its delay begins again.
func (d *delayed) add(id string, since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.since == nil {
		d.since = map[string]time.Time{}
	}
	d.since[id] = since
}

// before removes the posts that have waited since a time or longer, and returns their ids, those first
// that have waited longest.
func (d *delayed) before(end time.Time) (ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, since := range d.since {
		if !since.After(end) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return d.since[a].Compare(d.since[b]) })
	for _, id := range ids {
		delete(d.since, id)
	}
	return ids
}
