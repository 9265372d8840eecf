package sqlite

import (
	"context"
	"database/sql"
	"time"

	"nagare/hub"
	"nagare/store"
)

// At implements store.Store.
func (s *Store) At(ctx context.Context, channel string, at time.Time) (hub.Position, error) {
	log, err := s.channel(ctx, channel)
	if err != nil {
		return hub.Position{}, err
	}
	firsts, err := s.firstAt(ctx, log, at)
	if err != nil {
		return hub.Position{}, err
	}
	return log.position(firsts[0] - 1), nil
}

// Counts implements store.Store. It reads an entry of an index for each record that it counts.
func (s *Store) Counts(ctx context.Context, channel string, from time.Time, step time.Duration, n int) ([]int, error) {
	log, err := s.channel(ctx, channel)
	if err != nil {
		return nil, err
	}
	firsts, err := s.firstAt(ctx, log, store.Bounds(from, step, n)...)
	if err != nil {
		return nil, err
	}
	count, err := s.readers.PrepareContext(ctx, `SELECT count(*) FROM records INDEXED BY records_by_first
		WHERE log=? AND made IS NOT NULL AND first>=? AND first<?`)
	if err != nil {
		return nil, err
	}
	defer count.Close()
	counts := make([]int, n)
	for i := 0; i < n && err == nil; i++ {
		if firsts[i] < firsts[i+1] {
			err = count.QueryRowContext(ctx, log.id, firsts[i], firsts[i+1]).Scan(&counts[i])
		}
	}
	return counts, err
}

// timeSearch finds events by the time at which they were stored, which never decreases from one event
// to the next.
type timeSearch struct {
	ctx    context.Context
	log    logState
	stored *sql.Stmt
	firsts []uint64 // the results
	err    error    // of the first query that failed
}

// firstAt returns for each of some times, which increase, the offset of the first event that was stored
// then or later, or of the next event.
func (s *Store) firstAt(ctx context.Context, log logState, times ...time.Time) (firsts []uint64, err error) {
	var tail uint64
	if err := s.readers.QueryRowContext(ctx, "SELECT ifnull(min(offset), ?) FROM events WHERE log=?", log.head+1, log.id).Scan(&tail); err != nil {
		return nil, err
	}
	// An event that was dropped meanwhile is earlier than all others.
	stored, err := s.readers.PrepareContext(ctx, "SELECT ifnull((SELECT stored FROM events WHERE log=? AND offset=?), -1<<63)")
	if err != nil {
		return nil, err
	}
	defer stored.Close()
	search := timeSearch{ctx: ctx, log: log, stored: stored, firsts: make([]uint64, len(times))}
	search.all(times, search.firsts, tail, log.head+1)
	return search.firsts, search.err
}

// all finds the events of all times. They are at low or after it, but not after high.
func (t *timeSearch) all(times []time.Time, firsts []uint64, low, high uint64) {
	if len(times) == 0 || t.err != nil {
		return
	}
	middle := len(times) / 2
	at := t.one(times[middle].UnixMilli(), low, high)
	firsts[middle] = at
	t.all(times[:middle], firsts[:middle], low, at)
	t.all(times[middle+1:], firsts[middle+1:], at, high)
}

// one halves the range in each step.
func (t *timeSearch) one(at int64, low, high uint64) uint64 {
	for low < high && t.err == nil {
		var stored int64
		middle := low + (high-low)/2
		if t.err = t.stored.QueryRowContext(t.ctx, t.log.id, middle).Scan(&stored); stored < at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
