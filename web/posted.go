package web

import (
	"sync"

	"nagare/hub"
)

// postedIDs is how many posts are remembered by their id.
const postedIDs = 50_000

// posted remembers where the posts of POST /streaming are in the log, also when the log
// no longer holds them: the newest ids. It is safe for concurrent use.
type posted struct {
	mu        sync.Mutex
	positions map[string]positions
	ids       []string // in the order they came, from next on
	next      int
}

// positions are where a post was created, and where it was destroyed, if it was.
type positions struct {
	created, destroyed hub.Position
}

func (p positions) gone() bool { return p.destroyed != hub.Position{} }

func newPosted(ids int) *posted {
	return &posted{positions: map[string]positions{}, ids: make([]string, ids)}
}

func (p *posted) get(id string) (at positions, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known = p.positions[id]
	return at, known
}

// created remembers a new id, in the place of the oldest.
func (p *posted) created(id string, at hub.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.positions[id]; known {
		return
	}
	delete(p.positions, p.ids[p.next])
	p.ids[p.next], p.positions[id] = id, positions{created: at}
	p.next = (p.next + 1) % len(p.ids)
}

// destroyed remembers that a post is gone, if its id is known.
func (p *posted) destroyed(id string, at hub.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, known := p.positions[id]; known {
		p.positions[id] = positions{before.created, at}
	}
}
