package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
)

// indexed is what the indexes of names and of words hold of a record.
type indexed struct {
	id    int64
	key   string
	names string // as in the column
	text  string
	terms string // as in the column
}

// namesAtOnce is how many names one statement adds or removes. For each number there is a prepared one.
const namesAtOnce = 16

// link adds a record to the indexes. They hold what is in held already.
func (tx *transaction) link(ctx context.Context, log int64, x, held indexed) error {
	for names := range slices.Chunk(x.namesWithout(held), namesAtOnce) {
		var rows []any
		for _, name := range names {
			rows = append(rows, hash(log, name), x.id)
		}
		if err := tx.exec(ctx, "INSERT OR IGNORE INTO names VALUES (?, ?)"+strings.Repeat(", (?, ?)", len(names)-1), rows...); err != nil {
			return err
		}
	}
	if x.text == held.text && held.id != 0 {
		return nil
	}
	return tx.exec(ctx, "INSERT INTO words(rowid, text) VALUES (?, ?)", x.id, x.text)
}

// unlink removes a record from the indexes, except for what they are to hold next.
func (s *Store) unlink(ctx context.Context, log int64, x, next indexed) error {
	for names := range slices.Chunk(x.namesWithout(next), namesAtOnce) {
		args := []any{x.id}
		for _, name := range names {
			args = append(args, hash(log, name))
		}
		if err := s.exec(ctx, "DELETE FROM names WHERE record=? AND hash IN (?"+strings.Repeat(", ?", len(names)-1)+")", args...); err != nil {
			return err
		}
	}
	if x.text == next.text && next.id != 0 {
		return nil
	}
	return s.exec(ctx, "INSERT INTO words(words, rowid, text) VALUES ('delete', ?, ?)", x.id, x.text)
}

// namesWithout returns all that names has of x and not of y.
func (x indexed) namesWithout(y indexed) []string {
	if x.key == y.key && x.names == y.names && x.terms == y.terms {
		return nil
	}
	others := y.all()
	return slices.DeleteFunc(x.all(), func(name string) bool { return slices.Contains(others, name) })
}

// all returns the key, the names and the terms, each once.
func (x indexed) all() []string {
	if x.key == "" {
		return nil
	}
	names := append(namesIn(x.names), x.key)
	for _, term := range termsIn(x.terms) {
		names = append(names, termName(term))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// termName is the name under which a record is found by a term. No name of a record begins so.
func termName(term string) string { return "\n" + term }

// termsIn reads the column terms.
func termsIn(column string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(column, "\n")
}

// namesIn reads the column names.
func namesIn(column string) (names []string) {
	if column != "[]" {
		_ = json.Unmarshal([]byte(column), &names) // columnsOf has written it
	}
	return names
}

// hash is the hash by which names finds a record. Two names with one hash are told apart by the
// records themselves.
func hash(log int64, name string) int64 {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(name)), uint64(log))
	sum := sha256.Sum256(append(b, name...))
	return int64(binary.BigEndian.Uint64(sum[:]))
}
