package mastodon

import (
	"slices"
	"sync"
)

// mastoHanded is what of a timeline is in other hands. Whoever takes what is emitted
// moves it.
type delivery struct {
	mu             sync.Mutex
	cursor         cursor
	pendingDeletes []statusID // whose deletes are emitted but not handed on yet, in order; guarded by mu
	ackedDeletes   uint64     // that were before them
}

// died notes that a delete is about to be emitted.
func (h *delivery) addDelete(id statusID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pendingDeletes = append(h.pendingDeletes, id)
}

// deaths counts all those.
func (h *delivery) deletes() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ackedDeletes + uint64(len(h.pendingDeletes))
}

// reach is told how far all is handed on.
func (h *delivery) acknowledge(c cursor, deaths uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cursor = c
	h.pendingDeletes = slices.Delete(h.pendingDeletes, 0, int(deaths-h.ackedDeletes))
	h.ackedDeletes = deaths
}

// get returns the cursor, and the posts that for all we know are still shown.
func (h *delivery) get() (c cursor, dying []statusID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursor, slices.Clone(h.pendingDeletes)
}
