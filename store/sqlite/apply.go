package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"nagare/hub"
	"nagare/store"
)

// transaction is a transaction of the goroutine that writes.
type transaction struct {
	*Store
	logs     map[string]*logState // those of Store, as this transaction changes them
	now      int64                // in milliseconds
	rewrites bool                 // an earlier state was overwritten
}

func (s *Store) newTransaction() *transaction {
	return &transaction{Store: s, logs: map[string]*logState{}, now: max(time.Now().UnixMilli(), s.newestTime)}
}

// apply applies one request.
func (tx *transaction) apply(ctx context.Context, r *request) (w written, err error) {
	if r.isPut() {
		return w, tx.exec(ctx, "INSERT OR REPLACE INTO texts VALUES (?, ?)", r.name, r.text)
	}
	log, err := tx.log(ctx, r.channel)
	if err != nil {
		return w, err
	}
	w = written{channel: r.channel, positions: make([]hub.Position, 0, len(r.events)), events: make([]hub.Event, 0, len(r.events))}
	for _, ev := range r.events {
		at, stored, err := tx.append(ctx, log, ev)
		if err != nil {
			return w, err
		}
		w.positions = append(w.positions, log.position(at))
		if stored {
			ev.Position = log.position(at)
			w.events = append(w.events, ev)
		}
	}
	w.log = *log
	return w, nil
}

// log returns the state of a channel, and makes the channel if it is new.
func (tx *transaction) log(ctx context.Context, channel string) (*logState, error) {
	if log := tx.logs[channel]; log != nil {
		return log, nil
	}
	log := &logState{}
	if known := tx.Store.logs[channel]; known != nil {
		*log = *known
	} else {
		log.epoch = store.NewEpoch()
		if err := tx.row(ctx, "INSERT INTO logs (channel, epoch, head) VALUES (?, ?, 0) RETURNING id", channel, log.epoch).Scan(&log.id); err != nil {
			return nil, err
		}
	}
	tx.logs[channel] = log
	return log, nil
}

func (tx *transaction) saveHeads(ctx context.Context) error {
	for _, log := range tx.logs {
		if err := tx.exec(ctx, "UPDATE logs SET head=? WHERE id=?", log.head, log.id); err != nil {
			return err
		}
	}
	return nil
}

// stored is the row of a record, without its body.
type stored struct {
	indexed
	first  uint64
	last   uint64
	erased bool
}

// append stores one event, unless Once or Amends forbids it.
func (tx *transaction) append(ctx context.Context, log *logState, ev hub.Event) (offset uint64, isNew bool, err error) {
	known, err := tx.newest(ctx, log, ev.Key)
	if err != nil {
		return 0, false, err
	}
	switch {
	case known != nil && ev.Once:
		return known.first, false, nil
	case known != nil && known.erased && ev.Amends:
		return known.last, false, nil
	}
	log.head++
	var record int64
	if known == nil || known.erased {
		record, err = tx.insert(ctx, log, ev)
	} else {
		record, err = known.id, tx.update(ctx, log, known, ev)
	}
	if err == nil {
		err = tx.exec(ctx, "INSERT INTO events VALUES (?, ?, ?, ?, ?)", log.id, log.head, ev.Name, record, tx.now)
	}
	return log.head, true, err
}

// newest returns the newest record with a key, or nil.
func (tx *transaction) newest(ctx context.Context, log *logState, key string) (*stored, error) {
	if key == "" {
		return nil, nil
	}
	r := &stored{indexed: indexed{key: key}}
	err := tx.row(ctx, `SELECT r.id, r.first, r.last, r.erased, r.names, r.text, r.terms FROM names n JOIN records r ON r.id=n.record
		WHERE n.hash=? AND r.key=? AND r.log=? ORDER BY r.id DESC LIMIT 1`, hash(log.id, key), key, log.id).
		Scan(&r.id, &r.first, &r.last, &r.erased, &r.names, &r.text, &r.terms)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// columns are the values that an event gives to its record.
type columns struct {
	indexed
	made        sql.NullInt64
	erased      bool
	tombstone   string
	data, state []byte
}

func columnsOf(ev hub.Event) columns {
	x := hub.Index{}
	if ev.Index != nil {
		x = *ev.Index
	}
	c := columns{indexed: indexed{key: ev.Key, names: "[]"}, erased: ev.Erase, data: ev.Data}
	if len(x.Names) > 0 {
		names, _ := json.Marshal(x.Names) // strings always encode
		c.names = string(names)
	}
	if ev.Erase {
		c.tombstone = ev.Name
		return c
	}
	c.text, c.terms, c.state = x.Text, strings.Join(x.Terms, "\n"), x.State
	if !x.Time.IsZero() {
		c.made = sql.NullInt64{Int64: x.Time.UnixMilli(), Valid: true}
	}
	return c
}

// insert adds a record whose first event is ev, at the head of the log.
func (tx *transaction) insert(ctx context.Context, log *logState, ev hub.Event) (id int64, err error) {
	c := columnsOf(ev)
	result, err := tx.run(ctx, `INSERT INTO records (log, first, last, erased, made, key, tombstone, names, text, terms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, log.id, log.head, log.head, c.erased, c.made, ev.Key, c.tombstone, c.names, c.text, c.terms)
	if err != nil {
		return 0, err
	}
	if c.id, err = result.LastInsertId(); err != nil {
		return 0, err
	}
	if err = tx.exec(ctx, "INSERT INTO bodies VALUES (?, ?, ?)", c.id, c.data, c.state); err != nil {
		return 0, err
	}
	return c.id, tx.link(ctx, log.id, c.indexed, indexed{})
}

// update makes ev, at the head of the log, the newest state of a record.
func (tx *transaction) update(ctx context.Context, log *logState, known *stored, ev hub.Event) error {
	tx.rewrites = true
	c := columnsOf(ev)
	c.id = known.id
	if err := tx.unlink(ctx, log.id, known.indexed, c.indexed); err != nil {
		return err
	}
	err := tx.exec(ctx, "UPDATE records SET last=?, erased=?, made=?, tombstone=?, names=?, text=?, terms=? WHERE id=?",
		log.head, c.erased, c.made, c.tombstone, c.names, c.text, c.terms, known.id)
	if err == nil {
		err = tx.exec(ctx, "UPDATE bodies SET data=?, state=? WHERE record=?", c.data, c.state, known.id)
	}
	if err == nil {
		err = tx.link(ctx, log.id, c.indexed, known.indexed)
	}
	return err
}
