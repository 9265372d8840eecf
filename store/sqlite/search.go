package sqlite

import (
	"context"
	"strings"
	"unicode/utf8"

	"nagare/hub"
	"nagare/store"
)

// shortReach is how many of the newest records are searched for words that are too short for
// the index, which is one of trigrams.
const shortReach = 10_000

// Records implements store.Store.
func (s *Store) Records(ctx context.Context, channel string, q store.Query) ([]store.Record, error) {
	log, err := s.channel(ctx, channel)
	if err != nil {
		return nil, err
	}
	before := log.head + 1
	switch {
	case q.Before == hub.Position{}:
	case q.Before.Epoch != log.epoch:
		return nil, store.ErrEpoch
	default:
		before = min(before, q.Before.Offset)
	}
	text, args, err := s.compile(ctx, log, q, before)
	if err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var records []store.Record
	for rows.Next() {
		_, r, err := scanRecord(rows, log)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, rows.Err()
}

// conditions are the conditions of a query, with their arguments.
type conditions struct {
	text []string
	args []any
}

func (c *conditions) add(text string, args ...any) {
	c.text, c.args = append(c.text, text), append(c.args, args...)
}

// compile returns the SQL of a query, and its arguments. The conditions are made of constants
// only.
func (s *Store) compile(ctx context.Context, log logState, q store.Query, before uint64) (string, []any, error) {
	phrases, short := divide(q.Text)
	var c conditions
	from, order := "records r INDEXED BY records_by_first", "r.first"
	switch {
	case phrases != "" || len(short) > 0:
		upTo, err := s.lastRecord(ctx, log, before)
		if err != nil {
			return "", nil, err
		}
		if phrases != "" {
			from, order = "words w CROSS JOIN records r ON r.id=w.rowid", "w.rowid"
			c.add("w.text MATCH ? AND w.rowid<=?", phrases, upTo)
		} else {
			from, order = "records r NOT INDEXED", "r.id"
			c.add("r.id>? AND r.id<=?", upTo-shortReach, upTo)
		}
	case q.Author != "":
		from = "records r INDEXED BY records_by_author"
	}
	c.add("r.log=? AND r.made IS NOT NULL AND r.first<?", log.id, before)
	for _, word := range short {
		c.add("instr(r.text, ?)>0", word)
	}
	c.filter(q)
	text := "SELECT " + recordColumns + " FROM " + from + " CROSS JOIN bodies b ON b.record=r.id WHERE " + strings.Join(c.text, " AND ") +
		" ORDER BY " + order + " DESC LIMIT ?"
	return text, append(c.args, q.Limit), nil
}

func (c *conditions) filter(q store.Query) {
	if q.Author != "" {
		c.add("r.author=?", q.Author)
	}
	if q.Lang != "" {
		c.add("(r.lang=? OR substr(r.lang, 1, ?)=?)", q.Lang, utf8.RuneCountInString(q.Lang)+1, q.Lang+"-")
	}
	if q.Source != "" {
		c.add("r.source=?", q.Source)
	}
	if q.Media {
		c.add("r.media")
	}
}

// lastRecord returns the number of the newest record whose first event is before an offset, or 0.
func (s *Store) lastRecord(ctx context.Context, log logState, before uint64) (id int64, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT ifnull((SELECT id FROM records INDEXED BY records_by_first
		WHERE log=? AND made IS NOT NULL AND first<? ORDER BY first DESC LIMIT 1), 0)`, log.id, before).Scan(&id)
	return id, err
}

// divide divides the words of a query into a query for the full-text index, and the words that
// are too short for it. In a phrase of FTS5, only the quotation mark has a meaning.
func divide(text string) (phrases string, short []string) {
	var long []string
	for _, word := range strings.Fields(text) {
		if utf8.RuneCountInString(word) < 3 {
			short = append(short, word)
		} else {
			long = append(long, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
		}
	}
	return strings.Join(long, " "), short
}
