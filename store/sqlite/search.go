package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"nagare/hub"
	"nagare/store"
)

// How many records one search looks at. Neighbours take 7 µs each, others 15 µs.
const (
	reach        = 5_000 // of the newest
	reachByIndex = 2_500 // of those that the leader names; a term that fewer records have leads before words do
)

// search is a search in a log.
type search struct {
	store.Query
	db   *sql.DB
	log  logState
	from uint64 // offset before which records are looked at
}

// Records implements store.Store. It looks at 5,000 records at most, or at 2,500 of those that an index names.
// A record that can't be read is left out.
func (s *Store) Records(ctx context.Context, channel string, q store.Query) (records []store.Record, older hub.Position, err error) {
	log, err := s.channel(ctx, channel)
	if err != nil {
		return nil, older, err
	}
	look := search{q, s.readers, log, log.head + 1}
	if q.Match != nil || len(q.Words)+len(q.Terms) > 0 {
		look.db = s.searchers
	}
	switch {
	case q.Before == hub.Position{}:
	case q.Before.Epoch != log.epoch:
		return nil, older, store.ErrEpoch
	default:
		look.from = min(look.from, q.Before.Offset)
	}
	ids, older, err := look.matches(ctx)
	if isDamage(err) {
		ids, older, err = s.behindDamage(ctx, look, ids, older, err)
	}
	if err != nil || len(ids) == 0 {
		return nil, older, err
	}
	if records, err = look.records(ctx, ids); isDamage(err) {
		records, err = look.readable(ctx, ids, s.skipDamage)
	}
	return records, older, err
}

// leader is the part of a search that an index answers: it excludes the most records. The text is SQL
// from FROM on, made of constants only.
type leader struct {
	text  string
	reach int
	args  []any
}

const (
	byFirst = "records r INDEXED BY records_by_first WHERE r.log=? AND r.made IS NOT NULL AND r.first<? ORDER BY r.first DESC"
	byTerm  = "names n CROSS JOIN records r ON r.id=n.record WHERE n.hash=? AND n.record<=? AND r.log=? AND r.made IS NOT NULL ORDER BY n.record DESC"
	byWords = "words w CROSS JOIN records r ON r.id=w.rowid WHERE w.text MATCH ? AND w.rowid<=? AND r.log=? AND r.made IS NOT NULL ORDER BY w.rowid DESC"
)

// leader returns the leader: the rarest term, the words that are long enough for the full-text index,
// which is one of trigrams, or else all records.
func (s search) leader(ctx context.Context) (leader, error) {
	phrases := longWords(s.Words)
	if phrases == "" && len(s.Terms) == 0 {
		return leader{byFirst, reach, []any{s.log.id, s.from}}, nil
	}
	upTo, err := s.lastRecord(ctx)
	if err != nil {
		return leader{}, err
	}
	term, n, err := s.rarest(ctx, upTo)
	if term != 0 && (n < reachByIndex || phrases == "") {
		return leader{byTerm, reachByIndex, []any{term, upTo, s.log.id}}, err
	}
	return leader{byWords, reachByIndex, []any{phrases, upTo, s.log.id}}, err
}

// lastRecord returns the number of the newest record that is looked at, or 0.
func (s search) lastRecord(ctx context.Context) (id int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT ifnull((SELECT id FROM records INDEXED BY records_by_first
		WHERE log=? AND made IS NOT NULL AND first<? ORDER BY first DESC LIMIT 1), 0)`, s.log.id, s.from).Scan(&id)
	return id, err
}

// rarest returns the hash of the term that the fewest records up to one have, or 0 if there is no term.
// It counts no further than reachByIndex.
func (s search) rarest(ctx context.Context, upTo int64) (term int64, records int, err error) {
	records = reachByIndex + 1
	for _, t := range s.Terms {
		var n int
		h := hash(s.log.id, termName(t))
		err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM names WHERE hash=? AND record<=? LIMIT ?)", h, upTo, reachByIndex).Scan(&n)
		if err != nil {
			return 0, 0, err
		}
		if n < records {
			term, records = h, n
		}
	}
	return term, records, nil
}

// matches returns the newest records that match, and the position before which to search on. With an
// error, it returns those before the error.
func (s search) matches(ctx context.Context) (ids []int64, older hub.Position, err error) {
	l, err := s.leader(ctx)
	if err != nil {
		return nil, older, err
	}
	rows, err := s.db.QueryContext(ctx, "SELECT r.id, r.first, r.made, r.text, r.terms FROM "+l.text+" LIMIT ?", append(l.args, l.reach+1)...)
	if err != nil {
		return nil, older, err
	}
	defer rows.Close()
	for looked := 0; rows.Next(); looked++ {
		if len(ids) == s.Limit || looked == l.reach {
			return ids, older, nil
		}
		var id int64
		var first uint64
		var x found
		if err := rows.Scan(&id, &first, &x.made, &x.text, &x.terms); err != nil {
			return nil, older, err
		}
		older = s.log.position(first)
		if s.Accepts(x.index()) {
			ids = append(ids, id)
		}
	}
	if err := rows.Err(); err != nil {
		return ids, older, err
	}
	return ids, hub.Position{}, nil
}

// records returns the records with the given numbers, without those that have changed meanwhile and no
// longer match.
func (s search) records(ctx context.Context, ids []int64) (records []store.Record, err error) {
	list, _ := json.Marshal(ids) // numbers always encode
	rows, err := s.db.QueryContext(ctx, "SELECT "+recordColumns+` FROM records r JOIN bodies b ON b.record=r.id
		WHERE r.id IN (SELECT value FROM json_each(?)) ORDER BY r.id DESC`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		_, r, err := scanRecord(rows, s.log)
		if err != nil {
			return nil, err
		}
		if !r.Erased && s.Accepts(&r.Index) {
			records = append(records, r)
		}
	}
	return records, rows.Err()
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
