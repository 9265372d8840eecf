package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
)

// indexed is what the indexes of names and of words hold of a record.
type indexed struct {
	id    int64
	key   string
	names string // as in the column
	text  string
}

func (x indexed) sameNames(y indexed) bool { return x.key == y.key && x.names == y.names }

// link adds a record to the indexes, unless they hold the same already.
func (tx *transaction) link(ctx context.Context, log int64, x, held indexed) error {
	if !x.sameNames(held) {
		for _, name := range allNames(x.key, x.names) {
			if err := tx.exec(ctx, "INSERT INTO names VALUES (?, ?)", hash(log, name), x.id); err != nil {
				return err
			}
		}
	}
	if x.text == held.text && held.id != 0 {
		return nil
	}
	return tx.exec(ctx, "INSERT INTO words(rowid, text) VALUES (?, ?)", x.id, x.text)
}

// unlink removes a record from the indexes, unless they are to hold the same again.
func (s *Store) unlink(ctx context.Context, log int64, x, next indexed) error {
	if !x.sameNames(next) {
		for _, name := range allNames(x.key, x.names) {
			if err := s.exec(ctx, "DELETE FROM names WHERE hash=? AND record=?", hash(log, name), x.id); err != nil {
				return err
			}
		}
	}
	if x.text == next.text && next.id != 0 {
		return nil
	}
	return s.exec(ctx, "INSERT INTO words(words, rowid, text) VALUES ('delete', ?, ?)", x.id, x.text)
}

// allNames returns the key and the names in the column, each once.
func allNames(key, column string) []string {
	if key == "" {
		return nil
	}
	names := append(namesIn(column), key)
	slices.Sort(names)
	return slices.Compact(names)
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
