package redis_test

import (
	"fmt"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/redis"
)

func TestRecords_ASearchLooksAtABoundedNumberAndSaysWhereToContinue(t *testing.T) {
	t.Parallel()
	const reach, posts, batch = 10_000, 10_200, 100
	s, err := redis.Open(startServer(t, "--appendfsync", "no").url(), redis.Options{Keep: 2 * posts, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var tip hub.Position
	for n := 0; n < posts; n += batch {
		events := make([]hub.Event, batch)
		for i := range events {
			events[i] = post(fmt.Sprint(n + i + 1))
			events[i].Index = &hub.Index{Text: "words", Terms: []string{"lang:en"}, Time: time.Now()}
		}
		at, err := s.Append(t.Context(), channel, events)
		if err != nil {
			t.Fatal(err)
		}
		tip = at[batch-1]
	}
	looked := 0
	q := store.Query{Limit: 2_000, Terms: []string{"lang:en"}, Match: func(*hub.Index) bool {
		looked++
		return looked == posts-2 // the third post
	}}
	records, older, err := s.Records(t.Context(), channel, q)
	if want := (hub.Position{Epoch: tip.Epoch, Offset: posts - reach + 1}); err != nil || len(records) > 0 || older != want || looked != reach {
		t.Errorf("%d records of %d, older ones before %v, %v, want %v", len(records), looked, older, err, want)
	}
	q.Before = older
	if records, older, err = s.Records(t.Context(), channel, q); err != nil || len(records) != 1 || records[0].Key != "3" || older.Epoch != "" {
		t.Errorf("continued: %d records, older ones before %v, %v", len(records), older, err)
	}
}
