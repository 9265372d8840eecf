package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
)

func erases(t *testing.T, k Kind) {
	s := k.Open(t)
	at := appended(t, s, created("a", "secret"), event("update", "a", "secret too"), erased("a"))
	records, err := s.Find(t.Context(), channel, "name of a")
	equal(t, "error", err, nil)
	equal(t, "records", records, []store.Record{{
		Key: "a", First: at[0], Last: at[2], Erased: true, Data: json.RawMessage(`{"id":"a"}`), Index: hub.Index{Names: []string{"name of a"}},
	}})
	for _, q := range []store.Query{{Limit: 9}, {Limit: 9, Text: "secret"}} {
		if found, err := s.Records(t.Context(), channel, q); len(found) != 0 || err != nil {
			t.Errorf("%+v: got %v, %v", q, found, err)
		}
	}
}

func finds(t *testing.T, k Kind) {
	s := k.Open(t)
	a, b := created("a", "1"), created("b", "2")
	a.Index.Names, b.Index.Names = []string{"author", "a2"}, []string{"author"}
	appended(t, s, a, b)
	for name, want := range map[string]string{"a": "a", "a2": "a", "author": "a b", "b": "b", "none": ""} {
		equal(t, name, keys(t, s, name), want)
	}
	equal(t, "several names", keys(t, s, "b", "author", "a2"), "a b")
	changed := event("update", "a", "3")
	changed.Index.Names = []string{"a3"}
	appended(t, s, changed)
	for name, want := range map[string]string{"a": "a", "a2": "", "a3": "a", "author": "b"} {
		equal(t, name+" after an update", keys(t, s, name), want)
	}
	records, err := s.Find(t.Context(), channel, "a3")
	if err != nil || len(records) != 1 || string(records[0].Index.State) != "state 3" || string(records[0].Data) != `"3"` {
		t.Errorf("got %+v, %v", records, err)
	}
}

// keys returns the keys of the records with one of the names.
func keys(t T, s store.Store, names ...string) (out string) {
	t.Helper()
	records, err := s.Find(t.Context(), channel, names...)
	if err != nil {
		t.Fatalf("find: %v", err)
	}
	for i, r := range records {
		if i > 0 {
			out += " "
		}
		out += r.Key
	}
	return out
}

func pages(t *testing.T, k Kind) {
	s := k.Open(t)
	for n := range 9 {
		appended(t, s, created(fmt.Sprint(n), fmt.Sprint(n)))
	}
	appended(t, s, event("update", "3", "new"), erased("4"), hub.Event{Name: "source", Data: json.RawMessage("1")})
	var got [][]string
	q := store.Query{Limit: 3}
	for {
		records, err := s.Records(t.Context(), channel, q)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			break
		}
		var page []string
		for _, r := range records {
			page = append(page, r.Key+" "+string(r.Data))
		}
		got, q.Before = append(got, page), records[len(records)-1].First
	}
	equal(t, "pages", got, [][]string{{`8 "8"`, `7 "7"`, `6 "6"`}, {`5 "5"`, `3 "new"`, `2 "2"`}, {`1 "1"`, `0 "0"`}})
	if _, err := s.Records(t.Context(), channel, store.Query{Before: hub.Position{Epoch: "another", Offset: 3}, Limit: 3}); !errors.Is(err, store.ErrEpoch) {
		t.Errorf("another epoch: %v, want ErrEpoch", err)
	}
}

func searches(t *testing.T, k Kind) {
	s := k.Open(t)
	for key, edit := range map[string]func(*hub.Index){
		"hello": func(x *hub.Index) { x.Text = "hello world, 100% \"quoted\" under_score" },
		"ferry": func(x *hub.Index) { x.Text, x.Author, x.Lang = "東京の渋谷は雨", "bob", "ja" },
		"photo": func(x *hub.Index) { x.Text, x.Source, x.Media, x.Lang = "hello again", "other", true, "en-GB" },
	} {
		ev := created(key, key)
		edit(ev.Index)
		appended(t, s, ev)
	}
	for _, test := range []struct {
		q    store.Query
		want []string
	}{
		{store.Query{Text: "hello"}, []string{"hello", "photo"}},
		{store.Query{Text: "world hello"}, []string{"hello"}},
		{store.Query{Text: "ell"}, []string{"hello", "photo"}},
		{store.Query{Text: "100%"}, []string{"hello"}},
		{store.Query{Text: `"quoted"`}, []string{"hello"}},
		{store.Query{Text: `he* OR`}, nil},
		{store.Query{Text: "r_s"}, []string{"hello"}},
		{store.Query{Text: "w_rld"}, nil},
		{store.Query{Text: "%"}, []string{"hello"}},
		{store.Query{Text: "東京の"}, []string{"ferry"}},
		{store.Query{Text: "渋谷"}, []string{"ferry"}},
		{store.Query{Text: "雨"}, []string{"ferry"}},
		{store.Query{Text: "ag hello"}, []string{"photo"}},
		{store.Query{Author: "bob"}, []string{"ferry"}},
		{store.Query{Lang: "en"}, []string{"hello", "photo"}},
		{store.Query{Source: "other"}, []string{"photo"}},
		{store.Query{Media: true}, []string{"photo"}},
		{store.Query{Media: true, Text: "world"}, nil},
	} {
		test.q.Limit = 10
		records, err := s.Records(t.Context(), channel, test.q)
		if err != nil {
			t.Fatalf("%+v: %v", test.q, err)
		}
		var got []string
		for _, r := range records {
			got = append(got, r.Key)
		}
		slices.Sort(got)
		equal(t, fmt.Sprintf("%+v", test.q), got, test.want)
	}
}

// between appends some events at a time or later, after others, and returns that time and the position
// before them. Stores have times in milliseconds.
func between(t T, s store.Store, earlier, later []hub.Event) (time.Time, hub.Position) {
	t.Helper()
	before := appended(t, s, earlier...)
	time.Sleep(2 * time.Millisecond) // so that the clock shows another time
	at := time.Now().Truncate(time.Millisecond)
	appended(t, s, later...)
	return at, before[len(before)-1]
}

func times(t *testing.T, k Kind) {
	s := k.Open(t)
	middle, before := between(t, s, []hub.Event{created("a", "1"), created("b", "2")}, []hub.Event{created("c", "3")})
	for when, want := range map[time.Time]uint64{middle.Add(-time.Hour): 0, middle: before.Offset, middle.Add(time.Hour): 3} {
		got, err := s.At(t.Context(), channel, when)
		if err != nil || got != (hub.Position{Epoch: before.Epoch, Offset: want}) {
			t.Errorf("%v: got %v, %v, want offset %d", when, got, err, want)
		}
	}
}

func counts(t *testing.T, k Kind) {
	s := k.Open(t)
	middle, _ := between(t, s,
		[]hub.Event{created("a", "1"), {Name: "source", Data: json.RawMessage("1")}, created("b", "2"), created("c", "3")},
		[]hub.Event{created("d", "4"), event("update", "a", "new"), {Name: "create", Key: "unlisted", Data: json.RawMessage("1")}, erased("b")})
	got, err := s.Counts(t.Context(), channel, middle.Add(-2*time.Hour), time.Hour, 4)
	equal(t, "error", err, nil)
	equal(t, "new records of four hours", got, []int{0, 2, 1, 0})
	got, err = s.Counts(t.Context(), "empty", middle, time.Hour, 2)
	equal(t, "error", err, nil)
	equal(t, "new records of an empty channel", got, []int{0, 0})
}

func texts(t *testing.T, k Kind) {
	s := k.Open(t)
	if text, found, err := s.Get("cursor"); text != "" || found || err != nil {
		t.Errorf("got %q, %v, %v", text, found, err)
	}
	for _, want := range []string{"1", "2 with\nlines and 日本", ""} {
		if err := s.Put("cursor", want); err != nil {
			t.Fatal(err)
		}
		if text, found, err := s.Get("cursor"); text != want || !found || err != nil {
			t.Errorf("got %q, %v, %v, want %q", text, found, err, want)
		}
	}
}
