package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"nagare/hub"
	"nagare/store"
)

// many appends posts with the numbers from 1 on as their keys.
func many(t *testing.T, s store.Store, n int) (tip hub.Position) {
	t.Helper()
	var batch []hub.Event
	for i := range n {
		batch = append(batch, post("create", fmt.Sprint(i+1), "words"))
	}
	at, err := s.Append(t.Context(), channel, batch)
	if err != nil {
		t.Fatal(err)
	}
	return at[len(at)-1]
}

func TestRecords_ASearchLooksAtABoundedNumberAndSaysWhereToContinue(t *testing.T) {
	const posts = 5_100
	s := open(t, filepath.Join(t.TempDir(), "nagare.db"))
	defer s.Close()
	tip := many(t, s, posts)
	for name, test := range map[string]struct {
		q     store.Query
		reach int
	}{
		"all":          {store.Query{}, 5_000},
		"a short word": {store.Query{Words: []string{"wo"}}, 5_000},
		"a word":       {store.Query{Words: []string{"words"}}, 2_500},
		"a term":       {store.Query{Terms: []string{"lang:en"}}, 2_500},
	} {
		q, looked := test.q, 0
		q.Limit = 500
		q.Match = func(*hub.Index) bool {
			looked++
			return false
		}
		records, older, err := s.Records(t.Context(), channel, q)
		if want := (hub.Position{Epoch: tip.Epoch, Offset: uint64(posts - test.reach + 1)}); err != nil || len(records) > 0 || older != want || looked != test.reach {
			t.Errorf("%s: %d records of %d, older ones before %v, %v, want %v", name, len(records), looked, older, err, want)
		}
		var found []string
		for q.Match = nil; older.Epoch != ""; {
			q.Before = older
			if records, older, err = s.Records(t.Context(), channel, q); err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				found = append(found, r.Key)
			}
		}
		if len(found) != posts-test.reach || found[0] != fmt.Sprint(posts-test.reach) {
			t.Errorf("%s, continued: %d records, want the %d from there on", name, len(found), posts-test.reach)
		}
	}
}
