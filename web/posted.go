package web

import (
	"sync"

	"nagare/hub"
)

// postedIDs is how many ids of posts are remembered.
const postedIDs = 50_000

// posted maps the ids of the newest posts of POST /streaming to their positions in the log. The
// answers to a repeated POST or DELETE contain them, also after the log has dropped the events.
// The reconciler detects the repetition too, but knows no positions. It is safe for concurrent use.
type posted struct {
	mu        sync.Mutex
	positions map[string]positions
	ids       []string // a ring, the oldest at next
	next      int
}

// positions are those of a post's create and of its destroy, which is zero if the post exists.
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

// created adds the id of a new post. It replaces the oldest id.
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

// destroyed adds the position of a destroy, if the id is known.
func (p *posted) destroyed(id string, at hub.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, known := p.positions[id]; known {
		p.positions[id] = positions{before.created, at}
	}
}
