package main

import (
	"sync"
	"time"
)

// delayed holds the ids of the posts that wait for their delay, the oldest first. The zero value is
// empty. It is safe for concurrent use.
type delayed struct {
	mu    sync.Mutex
	posts []delayedPost
}

type delayedPost struct {
	id    string
	since time.Time
}

func (d *delayed) add(id string, since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts = append(d.posts, delayedPost{id, since})
}

// before removes the posts that have waited since a time or longer, and returns their ids.
func (d *delayed) before(end time.Time) (ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for ; n < len(d.posts) && !d.posts[n].since.After(end); n++ {
		ids = append(ids, d.posts[n].id)
	}
	d.posts = d.posts[n:]
	return ids
}
