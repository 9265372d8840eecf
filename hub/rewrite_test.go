package hub_test

import (
	"fmt"
	"strings"
	"testing"

	"nagare/hub"
)

// posts publishes the events of the tests below: record a is changed, and record b deleted.
func (w *world) posts() {
	w.t.Helper()
	for _, ev := range []hub.Event{
		{Name: "create", Key: "a", Data: []byte(`"secret"`)},
		{Name: "create", Key: "b", Data: []byte(`"secret, too"`)},
		{Name: "update", Key: "a", Data: []byte(`"secret still"`)},
		{Name: "create", Data: []byte(`"of no record"`)},
		{Name: "update", Key: "a", Data: []byte(`"clean"`)},
		{Name: "destroy", Key: "b", Data: []byte(`{"id":"b"}`), Erase: true},
	} {
		if _, err := w.Channel("streaming").Publish(w.t.Context(), ev); err != nil {
			w.t.Fatalf("publish: %v", err)
		}
	}
}

// rewritten are the events of posts as a client is sent them afterwards, beginning at the
// offset from.
func rewritten(from int) (want []string) {
	for i, event := range []string{`"create",%"clean"`, `"destroy",%{"id":"b"}`, `"update",%"clean"`, `"create",%"of no record"`, `"update",%"clean"`, `"destroy",%{"id":"b"}`} {
		event = strings.Replace(event, "%", `{"channel":"streaming","data":`, 1)
		want = append(want, fmt.Sprintf(`[[%s,"offset":%d,"epoch":"EPOCH"}]]`, event, from+i))
	}
	return want
}

func TestRewrite_NoRecoveryBringsAnEarlierState(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.posts()
		for since, want := range rewritten(1) {
			c := w.join()
			c.send(w.subscription(fmt.Sprintf(`,"since":%d,"epoch":"EPOCH"`, since)))
			c.expect(token, subscribed(fmt.Sprintf(`"offset":%d,"head":6,"recovered":true`, since)), want)
		}
	})
}

// Once a slow reader has room, it is sent the states of that moment, even for events that were
// appended long before.
func TestRewrite_ASlowReaderIsNotSentAnEarlierState(t *testing.T) {
	everywhere(t, hub.Options{RingBytes: 64 << 20, Limits: unhurried}, func(t *testing.T, w *world) {
		slow := w.follow()
		const events = 900 // more events than all buffers hold
		for range events {
			w.wide()
		}
		w.posts()
		for n := range uint64(events) {
			slow.next(n + 1)
		}
		slow.expect(rewritten(events + 1)...)
	})
}

// If a record begins anew after its tombstone, the earlier tombstones stay as they are.
func TestRewrite_EndsAtATombstone(t *testing.T) {
	ch := hub.New(hub.Options{}).Channel("streaming")
	for _, ev := range []hub.Event{
		{Name: "create", Data: []byte(`"first"`)}, {Name: "destroy", Erase: true},
		{Name: "create", Data: []byte(`"second"`)}, {Name: "update", Data: []byte(`"third"`)},
	} {
		ev.Key = "a"
		if _, err := ch.Publish(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
	events, _ := ch.Recent(10)
	got := ""
	for _, ev := range events {
		got += fmt.Sprintf("%d %s %s, ", ev.Position.Offset, ev.Name, ev.Data)
	}
	if want := `1 destroy {}, 2 destroy {}, 3 create "third", 4 update "third", `; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
