package store

import (
	"strings"

	"nagare/hub"
)

// Query says which records to return: those that match every field that is set.
type Query struct {
	Before hub.Position // the record's First is before this position; zero: the newest records
	Text   string       // the record's Text contains each of these words, which are separated by spaces
	Author string
	Lang   string // the record's Lang is this, or begins with this and a hyphen
	Source string
	Media  bool // the record has media
	Limit  int  // most records to return
}

// matches reports whether a record matches all fields, except that the epoch of Before isn't
// compared.
func (q Query) matches(r Record) bool {
	x := r.Index
	switch {
	case x.Time.IsZero(): // without an Index
		return false
	case q.Before != (hub.Position{}) && r.First.Offset >= q.Before.Offset,
		q.Author != "" && x.Author != q.Author,
		q.Source != "" && x.Source != q.Source,
		q.Lang != "" && x.Lang != q.Lang && !strings.HasPrefix(x.Lang, q.Lang+"-"),
		q.Media && !x.Media:
		return false
	}
	for _, word := range strings.Fields(q.Text) {
		if !strings.Contains(x.Text, word) {
			return false
		}
	}
	return true
}
