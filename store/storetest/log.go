package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"nagare/hub"
)

func consecutive(t *testing.T, k Kind) {
	s := k.Open(t)
	first := appended(t, s, created("a", "1"), created("b", "2"))
	second := appended(t, s, hub.Event{Name: "source", Data: json.RawMessage("3")})
	equal(t, "offsets", offsets(append(first, second...)), []uint64{1, 2, 3})
	if first[0].Epoch == "" || first[0].Epoch != second[0].Epoch {
		t.Errorf("epochs %q and %q", first[0].Epoch, second[0].Epoch)
	}
}

func apart(t *testing.T, k Kind) {
	s := k.Open(t)
	appended(t, s, created("a", "1"))
	other, err := s.Append(t.Context(), "other", []hub.Event{created("a", "2")})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "offsets", offsets(other), []uint64{1})
	records, err := s.Find(t.Context(), channel, "a")
	if err != nil || len(records) != 1 || string(records[0].Data) != `"1"` {
		t.Errorf("got %v, %v", records, err)
	}
}

func follows(t *testing.T, k Kind) {
	s := k.Open(t)
	for n := range 10 {
		appended(t, s, created(fmt.Sprint("k", n), fmt.Sprint(n)))
	}
	r := follow(t, s, hub.Position{}, 3)
	more := appended(t, s, created("x", "10"), created("y", "11"))
	equal(t, "events", r.await(t, more[1]), []string{`8 create k7 "7"`, `9 create k8 "8"`, `10 create k9 "9"`, `11 create x "10"`, `12 create y "11"`})
}

func continues(t *testing.T, k Kind) {
	s := k.Open(t)
	at := appended(t, s, created("a", "1"), created("b", "2"), created("c", "3"))
	tip := at[2]
	for _, test := range []struct {
		after hub.Position
		most  int
		want  []string
	}{
		{at[0], 10, []string{`2 create b "2"`, `3 create c "3"`}},
		{at[0], 1, []string{`3 create c "3"`}},
		{tip, 10, []string{}},
		{hub.Position{Epoch: tip.Epoch, Offset: 7}, 2, []string{`2 create b "2"`, `3 create c "3"`}},
		{hub.Position{Epoch: "another", Offset: 2}, 10, []string{`1 create a "1"`, `2 create b "2"`, `3 create c "3"`}},
	} {
		equal(t, fmt.Sprint("after ", test.after), follow(t, s, test.after, test.most).await(t, tip), test.want)
	}
}

func empty(t *testing.T, k Kind) {
	s := k.Open(t)
	r := follow(t, s, hub.Position{}, 10)
	r.mu.Lock()
	tip := r.tip
	r.mu.Unlock()
	if at := appended(t, s, created("a", "1")); at[0] != (hub.Position{Epoch: tip.Epoch, Offset: 1}) || tip.Offset != 0 {
		t.Errorf("the first event is at %v, an empty channel at %v", at[0], tip)
	}
}

func sameOrder(t *testing.T, k Kind) {
	s := k.Open(t)
	a, b := follow(t, s, hub.Position{}, 10_000), follow(t, s, hub.Position{}, 10_000)
	var tip hub.Position
	for n := range 50 {
		tip = appended(t, s, created(fmt.Sprint(n), fmt.Sprint(n)))[0]
	}
	equal(t, "events", a.await(t, tip), b.await(t, tip))
}

func once(t *testing.T, k Kind) {
	s := k.Open(t)
	first := created("a", "1")
	first.Once = true
	at := appended(t, s, first)
	again := created("a", "2")
	again.Once = true
	equal(t, "position of a repetition", appended(t, s, again), at)
	appended(t, s, erased("a"))
	equal(t, "position of a repetition after the erasure", appended(t, s, again), at)
	r := follow(t, s, hub.Position{}, 10)
	equal(t, "events", r.await(t, hub.Position{Epoch: at[0].Epoch, Offset: 2}), []string{`1 destroy a {"id":"a"}`, `2 destroy a {"id":"a"}`})
}

// Another process may have erased a record that an event amends.
func amends(t *testing.T, k Kind) {
	s := k.Open(t)
	amended := event("update", "a", "2")
	amended.Amends = true
	at := appended(t, s, amended, created("b", "1"), erased("b"))
	late := event("update", "b", "2")
	late.Amends = true
	equal(t, "position of a late event", appended(t, s, late), at[2:])
	r := follow(t, s, hub.Position{}, 10)
	want := []string{described([]hub.Event{{Name: "update", Key: "a", Data: amended.Data, Position: at[0]}})[0], `2 destroy b {"id":"b"}`, `3 destroy b {"id":"b"}`}
	equal(t, "events", r.await(t, at[2]), want)
}

func ends(t *testing.T, k Kind) {
	s := k.Open(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Follow(ctx, channel, hub.Position{}, 10, func(hub.Position, []hub.Event) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("follow: %v, want the error of its context", err)
	}
}

func concurrent(t *testing.T, k Kind) {
	s := k.Open(t)
	reader := follow(t, s, hub.Position{}, 1000)
	var appending sync.WaitGroup
	var mu sync.Mutex
	var seen []uint64
	for w := range 8 {
		appending.Go(func() {
			for n := range 20 {
				at, err := s.Append(t.Context(), channel, []hub.Event{created(fmt.Sprint(w, " ", n), "x")})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				seen = append(seen, at[0].Offset)
				mu.Unlock()
			}
		})
	}
	appending.Wait()
	slices.Sort(seen)
	if seen = slices.Compact(seen); len(seen) != 160 || seen[159] != 160 {
		t.Fatalf("%d offsets up to %d, want 160", len(seen), seen[len(seen)-1])
	}
	reader.mu.Lock()
	epoch := reader.tip.Epoch
	reader.mu.Unlock()
	events := reader.await(t, hub.Position{Epoch: epoch, Offset: 160})
	if len(events) != 160 {
		t.Errorf("%d events were delivered", len(events))
	}
}

func restarts(t *testing.T, k Kind) {
	s := k.Open(t)
	at := appended(t, s, created("a", "1"), created("b", "2"), event("update", "a", "3"))
	if err := s.Put(t.Context(), "cursor", "17"); err != nil {
		t.Fatal(err)
	}
	s = k.Reopen(t, s)
	more := appended(t, s, created("c", "4"))
	equal(t, "position after the restart", more[0], hub.Position{Epoch: at[0].Epoch, Offset: 4})
	equal(t, "events", follow(t, s, hub.Position{}, 10).await(t, more[0]), []string{`1 create a "3"`, `2 create b "2"`, `3 update a "3"`, `4 create c "4"`})
	equal(t, "records", keys(t, s, "name of a", "b"), "a b")
	if text, _, err := s.Get("cursor"); text != "17" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}
