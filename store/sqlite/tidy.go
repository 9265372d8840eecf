package sqlite

import (
	"context"
	"math"
	"time"
)

const (
	truncateAfter = 10 * time.Second      // from an erasure until the write-ahead log is truncated
	piece         = 100                   // events that are dropped in one transaction
	trimFor       = 20 * time.Millisecond // how long requests wait while events are dropped
)

// tidy does what is due once a second: it truncates the write-ahead log after an erasure, and
// drops old events. Requests wait for tens of milliseconds at most.
func (s *Store) tidy(ctx context.Context) {
	if !s.erasedAt.IsZero() && time.Since(s.erasedAt) >= s.options.truncateAfter {
		if done, err := s.truncate(ctx); done && err == nil {
			s.erasedAt = time.Time{}
		}
	}
	for begun := time.Now(); time.Since(begun) < trimFor && s.trim(ctx); {
	}
}

// keepUp drops at least as many old events as a batch has added, if the file is full. So the file
// doesn't grow, however many events come.
func (s *Store) keepUp(ctx context.Context, batch []*request) {
	added := 0
	for _, r := range batch {
		added += len(r.events)
	}
	for dropped := 0; dropped <= added; dropped += piece {
		if full, err := s.isFull(ctx); err != nil || !full || !s.trim(ctx) {
			return
		}
	}
}

// truncate moves the write-ahead log into the database, and empties the log. It returns false if
// a reader still needs the log.
func (s *Store) truncate(ctx context.Context) (done bool, err error) {
	var busy, pages, moved int
	err = s.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	return err == nil && busy == 0, err
}

// isFull reports whether the file has more in use than it may have.
func (s *Store) isFull(ctx context.Context) (bool, error) {
	var size int64
	err := s.row(ctx, `SELECT (page_count-freelist_count)*page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&size)
	return size > s.options.MaxSize, err
}

// oldest is an event that may be dropped, with its record.
type oldest struct {
	indexed
	offset uint64
	stored int64
	last   uint64
}

// trim drops some of the oldest events of each channel, if the file is too large or they are too
// old. It reports whether there may be more to drop. What fails now is tried again later.
func (s *Store) trim(ctx context.Context) (more bool) {
	full, err := s.isFull(ctx)
	if err != nil {
		return false
	}
	before := int64(0)
	if s.options.Keep > 0 {
		before = time.Now().Add(-s.options.Keep).UnixMilli()
	}
	if full {
		before = max(before, s.oldestPiece(ctx))
	}
	if before == 0 {
		return false
	}
	for _, log := range s.logs {
		dropped, err := s.drop(ctx, log.id, before)
		more = more || err == nil && dropped == piece
	}
	return more
}

// oldestPiece returns a time before which a channel has a piece of events. All channels drop events of the same
// age, so one with few events, such as that of the moderators, keeps them for as long as a busy one.
func (s *Store) oldestPiece(ctx context.Context) int64 {
	before := int64(math.MaxInt64)
	for _, log := range s.logs {
		var stored int64
		err := s.row(ctx, "SELECT stored FROM events WHERE log=? ORDER BY offset LIMIT 1 OFFSET ?", log.id, piece-1).Scan(&stored)
		if err == nil {
			before = min(before, stored+1)
		}
	}
	return before
}

// drop drops events of a channel that were stored before a time, at most a piece of them.
func (s *Store) drop(ctx context.Context, log, before int64) (dropped int, err error) {
	events, err := s.oldestOf(ctx, log, before)
	if err == nil && len(events) > 0 {
		err = s.dropAll(ctx, log, events)
	}
	if isDamage(err) {
		_ = s.skipDamage(err)
		return s.dropUnread(ctx, log, before)
	}
	if err != nil || len(events) == 0 {
		return 0, err
	}
	if s.erasedAt.IsZero() {
		s.erasedAt = time.Now()
	}
	return len(events), nil
}

// dropAll drops events in one transaction.
func (s *Store) dropAll(ctx context.Context, log int64, events []oldest) error {
	err := s.exec(ctx, "BEGIN IMMEDIATE")
	for i := 0; i < len(events) && err == nil; i++ {
		err = s.dropEvent(ctx, log, events[i])
	}
	if err == nil {
		err = s.exec(ctx, "COMMIT")
	}
	if err != nil {
		s.rollback(ctx)
	}
	return err
}

// dropUnread drops a piece of events whose records can't all be read, and leaves the records. So damage
// doesn't make the file grow for ever.
func (s *Store) dropUnread(ctx context.Context, log, before int64) (dropped int, err error) {
	result, err := s.run(ctx, `DELETE FROM events WHERE log=?1 AND offset IN
		(SELECT offset FROM events WHERE log=?1 AND stored<?2 ORDER BY offset LIMIT ?3)`, log, before, piece)
	if err != nil {
		return 0, s.skipDamage(err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// dropEvent drops an event and, if it is the last one of its record, the record.
func (s *Store) dropEvent(ctx context.Context, log int64, ev oldest) error {
	err := s.exec(ctx, "DELETE FROM events WHERE log=? AND offset=?", log, ev.offset)
	if err != nil || ev.last != ev.offset {
		return err
	}
	if err = s.unlink(ctx, log, ev.indexed, indexed{}); err == nil {
		err = s.exec(ctx, "DELETE FROM records WHERE id=?", ev.id)
	}
	if err == nil {
		err = s.exec(ctx, "DELETE FROM bodies WHERE record=?", ev.id)
	}
	return err
}

func (s *Store) oldestOf(ctx context.Context, log, before int64) (events []oldest, err error) {
	stmt, err := s.prepared(ctx, `SELECT e.offset, e.stored, r.last, r.id, r.key, r.names, r.text, r.terms
		FROM events e JOIN records r ON r.id=e.record WHERE e.log=? ORDER BY e.offset LIMIT ?`)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, log, piece)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var ev oldest
		if err := rows.Scan(&ev.offset, &ev.stored, &ev.last, &ev.id, &ev.key, &ev.names, &ev.text, &ev.terms); err != nil {
			return nil, err
		}
		if ev.stored >= before {
			break
		}
		events = append(events, ev)
	}
	return events, rows.Err()
}
