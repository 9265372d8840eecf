package web

import (
	"context"
	"time"
)

// turns bounds how many tasks of one kind run at once, so that a client that asks for many of them
// doesn't take all of the processor and the memory.
type turns struct {
	// Set by newTurns, never changed.
	patience time.Duration // longest wait for a turn
	taken    chan struct{} // holds an item for each task that runs
}

func newTurns(most int, patience time.Duration) *turns {
	return &turns{patience: patience, taken: make(chan struct{}, most)}
}

// take waits for a turn, and reports whether one has become free in time. If so, the caller must
// call done after its task.
func (t *turns) take(ctx context.Context) (done func(), ok bool) {
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken }, true
	case <-ctx.Done():
		return nil, false
	}
}
