package sqlite

import (
	"context"
	"strings"
	"unicode/utf8"

	"nagare/hub"
	"nagare/store"
)

const (
	// reach is how many records one search looks at. Each takes a few microseconds.
	reach = 5_000

	// rare is how many records a term has at most that leads a search for words, too: looking at each
	// takes less time than a search in the full-text index.
	rare = 1_000
)

// Records implements store.Store. It looks at 5,000 records at most, besides those that an index excludes.
func (s *Store) Records(ctx context.Context, channel string, q store.Query) (records []store.Record, older hub.Position, err error) {
	log, err := s.channel(ctx, channel)
	if err != nil {
		return nil, older, err
	}
	before := log.head + 1
	switch {
	case q.Before == hub.Position{}:
	case q.Before.Epoch != log.epoch:
		return nil, older, store.ErrEpoch
	default:
		before = min(before, q.Before.Offset)
	}
	l, err := s.leader(ctx, log, q, before)
	if err != nil {
		return nil, older, err
	}
	ids, older, err := s.matches(ctx, log, q, l)
	if err != nil {
		return nil, older, err
	}
	for _, id := range ids {
		r, err := s.record(ctx, log, id)
		if err != nil {
			return nil, older, err
		}
		if !r.Erased && q.Accepts(&r.Index) { // it can have changed meanwhile
			records = append(records, r)
		}
	}
	return records, older, nil
}

// leader is the part of a search that an index answers: it excludes the most records. The text is SQL
// from FROM on, made of constants only.
type leader struct {
	text string
	args []any
}

// leader returns the leader of a query: the rarest term, the words that are long enough for the
// full-text index, which is one of trigrams, or else all records.
func (s *Store) leader(ctx context.Context, log logState, q store.Query, before uint64) (leader, error) {
	phrases := longWords(q.Words)
	if phrases == "" && len(q.Terms) == 0 {
		return leader{"records r INDEXED BY records_by_first WHERE r.log=? AND r.made IS NOT NULL AND r.first<? ORDER BY r.first DESC", []any{log.id, before}}, nil
	}
	upTo, err := s.lastRecord(ctx, log, before)
	if err != nil {
		return leader{}, err
	}
	term, n, err := s.rarest(ctx, log, q.Terms, upTo)
	if err != nil {
		return leader{}, err
	}
	if term != "" && (n < rare || phrases == "") {
		return leader{"names n CROSS JOIN records r ON r.id=n.record WHERE n.hash=? AND n.record<=? AND r.log=? AND r.made IS NOT NULL ORDER BY n.record DESC",
			[]any{hash(log.id, termName(term)), upTo, log.id}}, nil
	}
	return leader{"words w CROSS JOIN records r ON r.id=w.rowid WHERE w.text MATCH ? AND w.rowid<=? AND r.log=? AND r.made IS NOT NULL ORDER BY w.rowid DESC",
		[]any{phrases, upTo, log.id}}, nil
}

// lastRecord returns the number of the newest record whose first event is before an offset, or 0.
func (s *Store) lastRecord(ctx context.Context, log logState, before uint64) (id int64, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT ifnull((SELECT id FROM records INDEXED BY records_by_first
		WHERE log=? AND made IS NOT NULL AND first<? ORDER BY first DESC LIMIT 1), 0)`, log.id, before).Scan(&id)
	return id, err
}

// rarest returns the term that the fewest records up to one have, or "" if there is no term. It counts
// no further than rare.
func (s *Store) rarest(ctx context.Context, log logState, terms []string, upTo int64) (term string, records int, err error) {
	records = rare + 1
	for _, t := range terms {
		var n int
		err = s.readers.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM names WHERE hash=? AND record<=? LIMIT ?)",
			hash(log.id, termName(t)), upTo, rare).Scan(&n)
		if err != nil {
			return "", 0, err
		}
		if n < records {
			term, records = t, n
		}
	}
	return term, records, nil
}

// matches returns the newest records that match, and the position before which to search on.
func (s *Store) matches(ctx context.Context, log logState, q store.Query, l leader) (ids []int64, older hub.Position, err error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT r.id, r.first, r.made, r.text, r.terms FROM "+l.text+" LIMIT ?", append(l.args, reach+1)...)
	if err != nil {
		return nil, older, err
	}
	defer rows.Close()
	for looked := 0; rows.Next(); looked++ {
		if len(ids) == q.Limit || looked == reach {
			return ids, older, nil
		}
		var id int64
		var first uint64
		var x found
		if err := rows.Scan(&id, &first, &x.made, &x.text, &x.terms); err != nil {
			return nil, older, err
		}
		older = log.position(first)
		if q.Accepts(x.index()) {
			ids = append(ids, id)
		}
	}
	return ids, hub.Position{}, rows.Err()
}

// record returns one record.
func (s *Store) record(ctx context.Context, log logState, id int64) (r store.Record, err error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+recordColumns+" FROM records r JOIN bodies b ON b.record=r.id WHERE r.id=?", id)
	if err != nil {
		return r, err
	}
	defer rows.Close()
	if rows.Next() {
		_, r, err = scanRecord(rows, log)
		return r, err
	}
	return store.Record{Erased: true}, rows.Err() // dropped meanwhile
}

// longWords returns a query for the full-text index, of the words that have a trigram; "" if none has. In
// a phrase of FTS5, only the quotation mark has a meaning.
func longWords(words []string) string {
	var long []string
	for _, word := range words {
		if utf8.RuneCountInString(word) >= 3 {
			long = append(long, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
		}
	}
	return strings.Join(long, " ")
}
