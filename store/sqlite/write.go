package sqlite

import (
	"context"
	"fmt"
	"maps"
	"time"

	"nagare/hub"
	"nagare/store"
)

const (
	maxBatch   = 1_000 // events of one transaction, unless one request has more
	leastRetry = 100 * time.Millisecond
	mostRetry  = 2 * time.Second
	housework  = time.Second // from one look at what is to be trimmed or truncated to the next
)

func (s *Store) start() {
	go func() {
		defer close(s.closed)
		s.write()
	}()
}

// write serves requests until Close.
func (s *Store) write() {
	tick := time.NewTicker(housework)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			_, _ = s.truncate(context.Background()) // the next Open tries again
			return
		case first := <-s.requests:
			batch := s.waiting(first)
			s.serve(batch)
			s.keepUp(context.Background(), batch)
		case <-tick.C:
			s.tidy(context.Background())
		}
	}
}

// waiting returns a request and all that wait behind it, up to maxBatch events.
func (s *Store) waiting(first *request) []*request {
	batch := []*request{first}
	for events := len(first.events); events < maxBatch; {
		select {
		case next := <-s.requests:
			batch = append(batch, next)
			events += len(next.events)
		default:
			return batch
		}
	}
	return batch
}

// serve makes one transaction of a batch of requests. As long as the disk fails, it tries again.
func (s *Store) serve(batch []*request) {
	for wait := leastRetry; ; wait = min(2*wait, mostRetry) {
		done, err := s.transact(batch)
		if err == nil {
			s.health.Store(nil)
			s.deliver(done)
			for i, r := range batch {
				r.done <- result{positions: done[i].positions}
			}
			return
		}
		if s.skipDamage(err) == nil && s.apart(batch, err) {
			return
		}
		err = &store.Fault{Kind: kind(err), Err: fmt.Errorf("store: %w", reason(err))}
		s.health.Store(&err)
		if batch = s.withoutEnded(batch, err); len(batch) == 0 {
			return
		}
		select {
		case <-time.After(wait):
		case <-s.closing:
			return // do returns errClosed
		}
	}
}

// apart serves each request of a batch that met damage separately. If the batch has only one request,
// apart refuses it if other events can be stored, because a retry would fail again. It returns false if
// nothing can be stored.
func (s *Store) apart(batch []*request, err error) (served bool) {
	switch {
	case len(batch) > 1:
		for _, r := range batch {
			s.serve([]*request{r})
		}
		return true
	case batch[0].isPut() || !s.takesOthers(context.Background(), batch[0].channel):
		return false
	}
	batch[0].done <- result{err: fmt.Errorf("store: %w", reason(err))}
	return true
}

// withoutEnded answers the requests that don't wait for a disk that fails, and returns the others.
func (s *Store) withoutEnded(batch []*request, err error) (rest []*request) {
	for {
		select {
		case next := <-s.requests:
			if len(next.events) == 0 || len(batch) < maxBatch {
				batch = append(batch, next)
				continue
			}
			rest = append(rest, next)
		default:
		}
		break
	}
	for _, r := range batch {
		switch {
		case r.ctx.Err() != nil:
			r.done <- result{err: r.ctx.Err()}
		case r.isPut():
			r.done <- result{err: err}
		default:
			rest = append(rest, r)
		}
	}
	return rest
}

// written is what a transaction has made of a request.
type written struct {
	channel   string
	log       logState
	positions []hub.Position
	events    []hub.Event // those that were stored, with their positions
}

// transact applies all requests in one transaction.
func (s *Store) transact(batch []*request) (done []written, err error) {
	ctx := context.Background()
	if err := s.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	tx := s.newTransaction()
	for _, r := range batch {
		w, err := tx.apply(ctx, r)
		if err != nil {
			s.rollback(ctx)
			return nil, err
		}
		done = append(done, w)
	}
	if err := tx.saveHeads(ctx); err != nil {
		s.rollback(ctx)
		return nil, err
	}
	if err := s.exec(ctx, "COMMIT"); err != nil {
		s.rollback(ctx)
		return nil, err
	}
	known := len(s.logs)
	maps.Copy(s.logs, tx.logs)
	if len(s.logs) > known {
		_ = s.recordEpochs() // if it fails, the next Open begins a new epoch
	} else if len(tx.logs) > 0 {
		_ = s.recordHeads()
	}
	if s.newestTime = tx.now; tx.rewrites && s.erasedAt.IsZero() {
		s.erasedAt = time.Now()
	}
	return done, nil
}

// rollback ends a transaction that has failed. SQLite may have ended it already.
func (s *Store) rollback(ctx context.Context) { _ = s.exec(ctx, "ROLLBACK") }
