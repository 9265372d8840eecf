package web

import (
	"sync"

	"nagare/hub"
)

// postedIDs is how many ids of published posts are remembered.
const postedIDs = 50_000

// posted maps the ids of the newest posts of POST /streaming to their positions in the log. The
// answer to a repeated POST or DELETE contains the position, even after the log has dropped the
// event. The reconciler also detects a repetition, but doesn't know the position. posted is safe
// for concurrent use.
type posted struct {
	mu        sync.Mutex
	positions map[string]positions
	ids       []string // a ring buffer; the oldest id is at next
	next      int
}

// positions are the positions of a post's create and destroy events. destroyed is zero while the
// post exists.
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

// created records the position of a new post. If the ring is full, it forgets the oldest id.
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

// destroyed records the position of a post's destroy event, if the id is known.
func (p *posted) destroyed(id string, at hub.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, known := p.positions[id]; known {
		p.positions[id] = positions{before.created, at}
	}
}
