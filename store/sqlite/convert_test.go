package sqlite_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/hub"
	"nagare/store"
	"nagare/store/sqlite"
)

// firstVersion makes a file as the first version did, with 600 posts, of which the third is erased.
func firstVersion(t *testing.T, path string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "PRAGMA application_id=%d; PRAGMA journal_mode=WAL; BEGIN; %s; PRAGMA user_version=1;", sqlite.ApplicationID, sqlite.FirstSchema)
	fmt.Fprintf(&b, "INSERT INTO logs VALUES (1, 'streaming', 'e1', 601);")
	for n := 1; n <= 600; n++ {
		fmt.Fprintf(&b, "INSERT INTO events VALUES (1, %d, 'create', %[1]d, %d);", n, 1_700_000_000_000+n)
		fmt.Fprintf(&b, "INSERT INTO bodies VALUES (%d, '{\"n\":%[1]d}', 'tag:t%d');", n, n%7)
		fmt.Fprintf(&b, "INSERT INTO names VALUES (%d, %d);", sqlite.Hash(1, fmt.Sprint("post:", n)), n)
		if n == 3 {
			fmt.Fprintf(&b, "INSERT INTO words(rowid, text) VALUES (3, '');")
			fmt.Fprintf(&b, "INSERT INTO records VALUES (3, 1, 3, 601, 1, NULL, 0, '', '', '', 'post:3', 'destroy', '[]', '');")
			continue
		}
		fmt.Fprintf(&b, "INSERT INTO records VALUES (%d, 1, %[1]d, %[1]d, 0, %d, 0, 'en', 'test', 'ann', 'post:%[1]d', '', '[\"by:ann\"]', 'number %[1]d');", n, 1_700_000_000_000+n)
		fmt.Fprintf(&b, "INSERT INTO names VALUES (%d, %d); INSERT INTO words(rowid, text) VALUES (%[2]d, 'number %[2]d');", sqlite.Hash(1, "by:ann"), n)
	}
	fmt.Fprintf(&b, "INSERT INTO events VALUES (1, 601, 'destroy', 3, 1700000000601); COMMIT;")
	execute(t, path, b.String())
}

func TestOpen_ConvertsAFileOfTheFirstVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nagare.db")
	firstVersion(t, path)
	reindex := func(x *hub.Index) { // the state of the test's posts is a term
		x.Text, x.Terms = strings.Replace(x.Text, "number", "numero", 1), []string{string(x.State)}
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Reindex: reindex})
	if err != nil {
		t.Fatal(err)
	}
	newest, err := s.At(t.Context(), channel, time.Now())
	if err != nil || newest.Offset != 601 {
		t.Errorf("the newest event is at %v, %v", newest, err)
	}
	records, _, err := s.Records(t.Context(), channel, store.Query{Terms: []string{"tag:t3"}, Limit: 2})
	want := store.Record{
		Key: "post:598", First: hub.Position{Epoch: newest.Epoch, Offset: 598}, Last: hub.Position{Epoch: newest.Epoch, Offset: 598}, Data: json.RawMessage(`{"n":598}`),
		Index: hub.Index{
			Names: []string{"by:ann"}, State: []byte("tag:t3"), Text: "numero 598", Terms: []string{"tag:t3"}, Time: time.UnixMilli(1_700_000_000_598).UTC(),
		},
	}
	if err != nil || len(records) != 2 || records[1].Key != "post:591" {
		t.Fatalf("got %v, %v", records, err)
	}
	if d := cmp.Diff(want, records[0]); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for word, count := range map[string]int{"numero": 599, "number": 0} {
		if records, _, err := s.Records(t.Context(), channel, store.Query{Words: []string{word}, Limit: 1000}); err != nil || len(records) != count {
			t.Errorf("%s: found %d, %v, want %d", word, len(records), err, count)
		}
	}
	erased, err := s.Find(t.Context(), channel, "post:3")
	if err != nil || len(erased) != 1 || !erased[0].Erased || len(erased[0].Index.Terms) > 0 {
		t.Errorf("the erased post: %+v, %v", erased, err)
	}
	at, err := s.Append(t.Context(), channel, []hub.Event{destroyed("post:598"), post("update", "post:591", "other words")})
	if err != nil || at[0].Offset != 602 {
		t.Errorf("the next event is at %v, %v", at, err)
	}
	records, _, err = s.Records(t.Context(), channel, store.Query{Terms: []string{"tag:t3"}, Limit: 1000})
	if gone := slices.ContainsFunc(records, func(r store.Record) bool { return r.Key == "post:598" || r.Key == "post:591" }); err != nil || gone || len(records) != 83 {
		t.Errorf("after an erasure and an update: %d posts, %v", len(records), err)
	}
	s.Close()
	checkIndex(t, path)
}

func TestOpen_AnInterruptedConversionLeavesTheFileAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nagare.db")
	firstVersion(t, path)
	execute(t, path, "DROP TABLE bodies") // after the new table was made
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("got %v", err)
	}
	execute(t, path, "CREATE TABLE bodies (record INTEGER PRIMARY KEY, data BLOB NOT NULL, state BLOB); INSERT INTO bodies SELECT id, 'x', NULL FROM records WHERE author IS NOT NULL")
	s := open(t, path)
	defer s.Close()
	if records, _, err := s.Records(t.Context(), channel, store.Query{Words: []string{"number 60"}, Limit: 9}); err != nil || len(records) != 2 {
		t.Errorf("found %v, %v", records, err)
	}
}
