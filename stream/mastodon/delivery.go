package mastodon

import (
	"slices"
	"sync"
)

// delivery tracks which emitted ops the consumer has acknowledged. The consumer's goroutine
// calls acknowledge.
type delivery struct {
	mu             sync.Mutex // guards the fields below
	cursor         cursor     // position up to which everything is acknowledged
	pendingDeletes []statusID // posts whose deletes are emitted but not acknowledged, in order
	ackedDeletes   uint64     // number of deletes that are acknowledged
}

// restore sets the cursor from the text that was saved.
func (d *delivery) restore(saved string) error {
	c, err := parseCursor(saved)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cursor = c
	return err
}

// addDelete notes that a delete is about to be emitted.
func (d *delivery) addDelete(id statusID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pendingDeletes = append(d.pendingDeletes, id)
}

// deletes is the number of deletes added so far, acknowledged or not.
func (d *delivery) deletes() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ackedDeletes + uint64(len(d.pendingDeletes))
}

// acknowledge moves the cursor to c, and removes the acknowledged deletes: deletes is how many
// had been added, in total, when c was the position.
func (d *delivery) acknowledge(c cursor, deletes uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cursor = c
	d.pendingDeletes = slices.Delete(d.pendingDeletes, 0, int(deletes-d.ackedDeletes))
	d.ackedDeletes = deletes
}

// get returns the cursor, and the deleted posts that the consumer may still show.
func (d *delivery) get() (c cursor, pending []statusID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cursor, slices.Clone(d.pendingDeletes)
}
