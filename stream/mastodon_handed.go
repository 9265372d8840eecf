package stream

import (
	"slices"
	"sync"
)

// mastoHanded is what of a timeline is in other hands. Whoever takes what is emitted
// moves it.
type mastoHanded struct {
	mu     sync.Mutex
	cursor mastoCursor
	dying  []mastoID // whose deletes are emitted but not handed on yet, in order; guarded by mu
	buried uint64    // that were before them
}

// died notes that a delete is about to be emitted.
func (h *mastoHanded) died(id mastoID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dying = append(h.dying, id)
}

// deaths counts all those.
func (h *mastoHanded) deaths() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buried + uint64(len(h.dying))
}

// reach is told how far all is handed on.
func (h *mastoHanded) reach(c mastoCursor, deaths uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cursor = c
	h.dying = slices.Delete(h.dying, 0, int(deaths-h.buried))
	h.buried = deaths
}

// get returns the cursor, and the posts that for all we know are still shown.
func (h *mastoHanded) get() (c mastoCursor, dying []mastoID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursor, slices.Clone(h.dying)
}
