package redis_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/redis"
)

// firstSchema makes the records of a log what schema 1 has.
func firstSchema(s *server) {
	const data = "{nagare}:streaming:data"
	for _, record := range s.do("zrange", "{nagare}:streaming:order", 0, -1).([]any) {
		text := fmt.Sprint("text of ", record)
		state, _ := json.Marshal(map[string]any{"State": []byte("tag:old"), "Text": text, "Author": "ann", "Lang": "en", "Source": "test", "Time": time.Unix(1_700_000_000, 0)})
		s.do("hset", data, fmt.Sprint(record, "i"), "ann\nen\ntest\n\n"+text, fmt.Sprint(record, "s"), state)
		s.do("hdel", data, fmt.Sprint(record, "t"))
	}
	s.do("hset", "{nagare}:streaming:head", "schema", "1")
}

func TestSchema_RecordsOfTheFirstVersionAreFound(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for _, key := range []string{"a", "b", "c"} {
		ev := post(key)
		ev.Index = &hub.Index{Time: time.Now()}
		appendAll(t, s.open(), ev)
	}
	firstSchema(s)
	schema := func() any { return s.do("hget", "{nagare}:streaming:head", "schema") }
	n, err := redis.Open(s.url(), redis.Options{Log: quiet, Reindex: func(x *hub.Index) { x.Terms = []string{string(x.State)} }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	found := func() (keys []string) {
		records, _, err := n.Records(t.Context(), channel, store.Query{Terms: []string{"tag:old"}, Words: []string{"text of"}, Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			keys = append(keys, r.Key)
		}
		return keys
	}
	if got := found(); len(got) != 3 || schema() != "1" {
		t.Errorf("found %q, schema %v", got, schema())
	}
	var followed []string
	ctx, stop := context.WithCancel(t.Context())
	n.Follow(ctx, channel, hub.Position{}, 10, func(_ hub.Position, events []hub.Event) {
		for _, ev := range events {
			followed = append(followed, fmt.Sprint(ev.Key, ev.Index.Terms, ev.Index.Text != ""))
		}
		stop()
	})
	if want := []string{"a[tag:old] true", "b[tag:old] true", "c[tag:old] true"}; !slices.Equal(followed, want) {
		t.Errorf("followed %q, want %q", followed, want)
	}
	appendAll(t, n, hub.Event{Name: "update", Key: found()[0], Data: json.RawMessage("1"), Index: &hub.Index{Text: "text of it", Time: time.Now()}})
	if got := found(); len(got) != 2 || schema() != "2" {
		t.Errorf("after an update: found %q, schema %v", got, schema())
	}
}
