package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	for _, q := range []store.Query{{Limit: 9}, {Limit: 9, Words: []string{"secret"}}, {Limit: 9, Terms: []string{"lang:en"}}} {
		if found, _, err := s.Records(t.Context(), channel, q); len(found) != 0 || err != nil {
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
	for more := true; more; more = q.Before.Epoch != "" {
		records, older, err := s.Records(t.Context(), channel, q)
		if err != nil {
			t.Fatal(err)
		}
		var page []string
		for _, r := range records {
			page = append(page, r.Key+" "+string(r.Data))
		}
		got, q.Before = append(got, page), older
	}
	equal(t, "pages", got, [][]string{{`8 "8"`, `7 "7"`, `6 "6"`}, {`5 "5"`, `3 "new"`, `2 "2"`}, {`1 "1"`, `0 "0"`}})
	if _, _, err := s.Records(t.Context(), channel, store.Query{Before: hub.Position{Epoch: "another", Offset: 3}, Limit: 3}); !errors.Is(err, store.ErrEpoch) {
		t.Errorf("another epoch: %v, want ErrEpoch", err)
	}
}

// search returns the keys of all records that match, sorted.
func search(t T, s store.Store, q store.Query) (found []string) {
	t.Helper()
	for more := true; more; more = q.Before.Epoch != "" {
		records, older, err := s.Records(t.Context(), channel, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		for _, r := range records {
			found = append(found, r.Key)
		}
		q.Before = older
	}
	slices.Sort(found)
	return found
}

func searches(t *testing.T, k Kind) {
	s := k.Open(t)
	for key, edit := range map[string]func(*hub.Index){
		"hello": func(x *hub.Index) { x.Text = "hello world, 100% \"quoted\" under_score" },
		"ferry": func(x *hub.Index) { x.Text, x.Terms = "東京の渋谷は雨", []string{"from:bob", "lang:ja"} },
		"photo": func(x *hub.Index) {
			x.Text, x.Terms = "hello again", []string{"from:ann", "has:media", "lang:en", "lang:en-gb"}
		},
		"plain": func(x *hub.Index) { x.Text, x.Terms = "no terms", nil },
	} {
		ev := created(key, key)
		edit(ev.Index)
		appended(t, s, ev)
	}
	for _, test := range []struct{ words, terms, want string }{
		{"hello", "", "hello photo"},
		{"world hello", "", "hello"},
		{"ell", "", "hello photo"},
		{"100%", "", "hello"},
		{`"quoted"`, "", "hello"},
		{`he* OR`, "", ""},
		{"r_s", "", "hello"},
		{"w_rld", "", ""},
		{"%", "", "hello"},
		{"東京の", "", "ferry"},
		{"渋谷", "", "ferry"},
		{"雨", "", "ferry"},
		{"ag hello", "", "photo"},
		{"", "from:bob", "ferry"},
		{"", "lang:en", "hello photo"},
		{"", "lang:en-gb", "photo"},
		{"", "lang:e", ""},
		{"", "has:media from:ann", "photo"},
		{"", "has:media from:bob", ""},
		{"world", "has:media", ""},
		{"again", "has:media", "photo"},
		{"雨", "lang:ja", "ferry"},
		{"has:media", "", ""},
		{"", "hello", ""},
		{"", "", "ferry hello photo plain"},
	} {
		q := store.Query{Limit: 10, Words: strings.Fields(test.words), Terms: strings.Fields(test.terms)}
		equal(t, fmt.Sprintf("words %q, terms %q", q.Words, q.Terms), strings.Join(search(t, s, q), " "), test.want)
		q.Limit = 1
		equal(t, fmt.Sprintf("words %q, terms %q, one by one", q.Words, q.Terms), strings.Join(search(t, s, q), " "), test.want)
	}
}

// matches verifies that Match decides, with what queries match of a record.
func matches(t *testing.T, k Kind) {
	s := k.Open(t)
	appended(t, s, created("a", "one"), created("b", "two"), created("c", "three"))
	appended(t, s, event("update", "b", "new one"))
	changed := created("c", "terms")
	changed.Index.Terms = []string{"lang:fr"}
	appended(t, s, changed)
	seen := map[string]bool{}
	match := func(x *hub.Index) bool {
		seen[fmt.Sprint(x.Text, " ", x.Terms, " ", x.Time.UnixMilli())] = true
		return x.Text == "new one"
	}
	equal(t, "found", search(t, s, store.Query{Limit: 5, Match: match}), []string{"b"})
	equal(t, "seen", seen, map[string]bool{
		"one [from:ann lang:en] 1700000000000": true, "new one [from:ann lang:en] 1700000000000": true, "terms [lang:fr] 1700000000000": true,
	})
	equal(t, "narrowed", search(t, s, store.Query{Limit: 5, Words: []string{"one"}, Terms: []string{"lang:en"}, Match: match}), []string{"b"})
	equal(t, "by a term that an update has removed", search(t, s, store.Query{Limit: 5, Terms: []string{"lang:en"}}), []string{"a", "b"})
	equal(t, "by a term that an update has added", search(t, s, store.Query{Limit: 5, Terms: []string{"lang:fr"}}), []string{"c"})
}

// undisturbed verifies that searches that take long hold up nothing else, however many there are.
func undisturbed(t *testing.T, k Kind) {
	s := k.Open(t)
	appended(t, s, created("a", "one"))
	const searches = 5
	matching, done := make(chan bool), make(chan bool)
	began, release := sync.OnceFunc(func() { close(matching) }), sync.OnceFunc(func() { close(done) })
	slow := func(*hub.Index) bool {
		began()
		<-done
		return true
	}
	var running sync.WaitGroup
	for range searches {
		running.Go(func() {
			if records, _, err := s.Records(t.Context(), channel, store.Query{Limit: 5, Match: slow}); len(records) == 0 || err != nil {
				t.Errorf("got %v, %v", records, err)
			}
		})
	}
	<-matching
	defer time.AfterFunc(20*time.Second, func() {
		t.Error("searches hold up the store")
		release()
	}).Stop()
	appended(t, s, created("b", "two"))
	equal(t, "found", keys(t, s, "a", "b"), "a b")
	equal(t, "all", search(t, s, store.Query{Limit: 5}), []string{"a", "b"})
	release()
	running.Wait()
}

// brings verifies that events have what queries match, when they are new and when they are read again.
func brings(t *testing.T, k Kind) {
	s := k.Open(t)
	live := follow(t, s, hub.Position{}, 10)
	tip := appended(t, s, created("a", "one"), event("update", "a", "two"), created("b", "x"), erased("b"), hub.Event{Name: "source", Data: json.RawMessage("1")})[4]
	for name, r := range map[string]*reader{"new": live, "read again": follow(t, s, hub.Position{}, 10)} {
		r.await(t, tip)
		var got []string
		for _, ev := range r.events {
			x := hub.Index{}
			if ev.Index != nil {
				x = *ev.Index
			}
			got = append(got, fmt.Sprintf("%s %q %v %v", ev.Name, x.Text, x.Terms, x.Time.IsZero()))
		}
		equal(t, name, got, []string{
			`create "two" [from:ann lang:en] false`, `update "two" [from:ann lang:en] false`, `destroy "" [] true`, `destroy "" [] true`, `source "" [] true`,
		})
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
		if err := s.Put(t.Context(), "cursor", want); err != nil {
			t.Fatal(err)
		}
		if text, found, err := s.Get("cursor"); text != want || !found || err != nil {
			t.Errorf("got %q, %v, %v, want %q", text, found, err, want)
		}
	}
}

func replaces(t *testing.T, k Kind) {
	s := k.Open(t)
	for _, step := range []struct {
		before, text string
		done         bool
		now          string
	}{
		{"0", "1", false, ""}, {"", "1", true, "1"}, {"", "2", false, "1"}, {"1", "2", true, "2"}, {"1", "3", false, "2"},
		{"1", "2", true, "2"}, // again, because the reply was lost
	} {
		done, err := s.Replace(t.Context(), "settings", step.before, step.text)
		if text, _, _ := s.Get("settings"); done != step.done || err != nil || text != step.now {
			t.Errorf("%q instead of %q: %v, %v, and the text is %q", step.text, step.before, done, err, text)
		}
	}
}
