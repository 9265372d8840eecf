package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"nagare/hub"
	"nagare/store"
)

// channel returns the state of a channel as of the last delivery. It makes the channel if it is
// new.
func (s *Store) channel(ctx context.Context, name string) (logState, error) {
	log, known := s.tip(name)
	if !known {
		if _, err := s.Append(ctx, name, nil); err != nil {
			return log, err
		}
		log, _ = s.tip(name)
	}
	return log, nil
}

// loadLogs loads the state of all channels.
func (s *Store) loadLogs(ctx context.Context) error {
	rows, err := s.conn.QueryContext(ctx, "SELECT channel, id, epoch, head FROM logs")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var channel string
		var log logState
		if err := rows.Scan(&channel, &log.id, &log.epoch, &log.head); err != nil {
			return err
		}
		s.logs[channel] = &log
	}
	return rows.Err()
}

func (s *Store) tip(channel string) (log logState, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log, known = s.tips[channel]
	return log, known
}

// events returns the events of a channel after an offset and up to another one, in the state of now.
func (s *Store) events(ctx context.Context, log logState, after, upTo uint64) (events []hub.Event, err error) {
	rows, err := s.readers.QueryContext(ctx, `SELECT e.offset, e.name, r.key, r.erased, r.tombstone, r.made, r.text, r.terms, b.data
		FROM events e JOIN records r ON r.id=e.record JOIN bodies b ON b.record=r.id
		WHERE e.log=? AND e.offset>? AND e.offset<=? ORDER BY e.offset`, log.id, after, upTo)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var offset uint64
		var ev hub.Event
		var x found
		var tombstone string
		var data []byte
		if err := rows.Scan(&offset, &ev.Name, &ev.Key, &ev.Erase, &tombstone, &x.made, &x.text, &x.terms, &data); err != nil {
			return nil, err
		}
		if ev.Erase {
			ev.Name = tombstone
		}
		ev.Position, ev.Data, ev.Index = log.position(offset), data, x.index()
		events = append(events, ev)
	}
	return events, rows.Err()
}

// found are the columns that queries match.
type found struct {
	made        sql.NullInt64
	text, terms string
}

// index returns the part of the Index that queries match.
func (f found) index() *hub.Index {
	x := &hub.Index{Text: f.text, Terms: termsIn(f.terms)}
	if f.made.Valid {
		x.Time = time.UnixMilli(f.made.Int64).UTC()
	}
	return x
}

// recordColumns are the columns that scanRecord reads, of the tables r and b.
const recordColumns = "r.id, r.key, r.first, r.last, r.erased, r.made, r.names, r.text, r.terms, b.data, b.state"

func scanRecord(rows *sql.Rows, log logState) (id int64, r store.Record, err error) {
	var first, last uint64
	var x found
	var names string
	var data, state []byte
	err = rows.Scan(&id, &r.Key, &first, &last, &r.Erased, &x.made, &names, &x.text, &x.terms, &data, &state)
	r.Index, r.Data = *x.index(), data
	r.Index.Names, r.Index.State = namesIn(names), state
	r.First, r.Last = log.position(first), log.position(last)
	return id, r, err
}

// Find implements store.Store. A record that can't be read is not found.
func (s *Store) Find(ctx context.Context, channel string, names ...string) ([]store.Record, error) {
	log, err := s.channel(ctx, channel)
	if err != nil {
		return nil, err
	}
	found := map[int64]store.Record{}
	for _, name := range names {
		if err := s.skipDamage(s.findInto(ctx, found, log, name)); err != nil {
			return nil, err
		}
	}
	records := make([]store.Record, 0, len(found))
	for _, r := range found {
		records = append(records, r)
	}
	slices.SortFunc(records, func(a, b store.Record) int { return cmp.Compare(a.First.Offset, b.First.Offset) })
	return records, nil
}

// byName is the query of Find. Each new post is looked up, so it is prepared.
const byName = "SELECT " + recordColumns + ` FROM names n JOIN records r ON r.id=n.record JOIN bodies b ON b.record=r.id
	WHERE n.hash=? AND r.log=?`

// findInto adds the records with one name.
func (s *Store) findInto(ctx context.Context, found map[int64]store.Record, log logState, name string) error {
	rows, err := s.byName.QueryContext(ctx, hash(log.id, name), log.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		id, r, err := scanRecord(rows, log)
		if err != nil {
			return err
		}
		if r.Key == name || slices.Contains(r.Index.Names, name) {
			found[id] = r
		}
	}
	return rows.Err()
}

// Get implements store.Store.
func (s *Store) Get(name string) (text string, found bool, err error) {
	err = s.readers.QueryRow("SELECT text FROM texts WHERE name=?", name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return text, err == nil, err
}
