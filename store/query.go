package store

import (
	"slices"
	"strings"

	"nagare/hub"
)

// Query says which records to return. A store uses Words and Terms to look at fewer records, and Match
// decides. So Match must imply the others: it must accept no record without one of the Words or Terms.
type Query struct {
	Before hub.Position          // the record's First is before this position; zero: the newest records
	Words  []string              // the record's Text contains each of these
	Terms  []string              // the record has each of these
	Match  func(*hub.Index) bool // called with Text, Terms and Time of a record; nil accepts all
	Limit  int                   // most records to return
}

// Accepts reports whether a record matches all fields except Before.
func (q Query) Accepts(x *hub.Index) bool {
	if x.Time.IsZero() { // without an Index
		return false
	}
	for _, word := range q.Words {
		if !strings.Contains(x.Text, word) {
			return false
		}
	}
	for _, term := range q.Terms {
		if _, found := slices.BinarySearch(x.Terms, term); !found {
			return false
		}
	}
	return q.Match == nil || q.Match(x)
}
