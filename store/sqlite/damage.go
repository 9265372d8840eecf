package sqlite

import (
	"context"
	"errors"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"nagare/hub"
	"nagare/store"
)

// A page of the file can become unreadable: the disk fails, or another program has written to the
// file. SQLite notices it when it uses the page. What other pages hold stays in use, and the operator
// is told once.

// isDamage reports whether an error means that a page of the file can't be read.
func isDamage(err error) bool {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code() {
	case lib.SQLITE_IOERR_READ, lib.SQLITE_IOERR_SHORT_READ:
		return true
	}
	return failed.Code()&0xff == lib.SQLITE_CORRUPT
}

// skipDamage returns nil for an error that means damage, after it has told the operator.
func (s *Store) skipDamage(err error) error {
	if !isDamage(err) {
		return err
	}
	s.damaged.Do(func() {
		s.options.Log.Error("the file of the store is damaged: what can't be read is left out; restore a backup", "file", s.path, "err", reason(err))
	})
	return nil
}

// readable returns the events up to the head, from an offset on, that can be read.
func (s *Store) readable(ctx context.Context, log logState, after uint64) (events []hub.Event, err error) {
	for offset := after; offset < log.head; offset++ {
		one, err := s.events(ctx, log, offset, offset+1)
		if err = s.skipDamage(err); err != nil {
			return nil, err
		}
		events = append(events, one...)
	}
	return events, nil
}

// mostSkipped is how many records that can't be read one search steps over.
const mostSkipped = 30

// behindDamage continues a search that has met a record that can't be read, behind the record.
func (s *Store) behindDamage(ctx context.Context, look search, ids []int64, older hub.Position, err error) ([]int64, hub.Position, error) {
	look.Limit -= len(ids)
	for n := 0; n < mostSkipped && look.Limit > 0 && isDamage(err); n++ {
		_ = s.skipDamage(err)
		if older != (hub.Position{}) {
			look.from = older.Offset
		}
		if look.from, err = look.next(ctx); err != nil || look.from == 0 {
			return ids, hub.Position{}, s.skipDamage(err)
		}
		var more []int64
		more, older, err = look.matches(ctx)
		ids, look.Limit = append(ids, more...), look.Limit-len(more)
		if isDamage(err) && older == (hub.Position{}) {
			older = look.log.position(look.from)
		}
	}
	return ids, older, s.skipDamage(err)
}

// next returns the offset of the next record, for which it reads the index only, or 0.
func (s search) next(ctx context.Context) (first uint64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT ifnull((SELECT first FROM records INDEXED BY records_by_first
		WHERE log=? AND made IS NOT NULL AND first<? ORDER BY first DESC LIMIT 1), 0)`, s.log.id, s.from).Scan(&first)
	return first, err
}

// readable returns those of the records with the given numbers that can be read.
func (s search) readable(ctx context.Context, ids []int64, skip func(error) error) (records []store.Record, err error) {
	for _, id := range ids {
		one, err := s.records(ctx, []int64{id})
		if err = skip(err); err != nil {
			return nil, err
		}
		records = append(records, one...)
	}
	return records, nil
}

// takesOthers reports whether the store can take a new event, although it couldn't take one on account
// of damage. It stores none.
func (s *Store) takesOthers(ctx context.Context, channel string) bool {
	defer s.rollback(ctx)
	err := s.exec(ctx, "BEGIN IMMEDIATE")
	if err == nil {
		_, err = s.newTransaction().apply(ctx, &request{channel: channel, events: []hub.Event{{Name: "probe", Data: []byte("{}")}}})
	}
	return err == nil
}
