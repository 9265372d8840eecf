package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
)

// BenchmarkMemory compares a hub with a Memory to a hub without a store, for events of the size of
// a post.
func BenchmarkMemory(b *testing.B) {
	for name, options := range map[string]hub.Options{"no store": {}, "memory": {Store: new(store.Memory)}} {
		b.Run(name, func(b *testing.B) {
			h := hub.New(options)
			ch := h.Channel("streaming")
			ctx, stop := context.WithCancel(b.Context())
			var running sync.WaitGroup
			running.Go(func() { h.Run(ctx) })
			data := []byte(`{"html":"` + strings.Repeat("x", 3000) + `"}`)
			n := 0
			for b.Loop() {
				n++
				ev := hub.Event{Name: "create", Key: fmt.Sprint("post:", n), Data: data, Once: true, Index: &hub.Index{Time: time.Now(), Names: []string{fmt.Sprint("author:", n%1000)}}}
				if err := ch.Enqueue(ctx, ev); err != nil {
					b.Fatal(err)
				}
			}
			ch.Flush(ctx)
			stop()
			running.Wait()
		})
	}
}
