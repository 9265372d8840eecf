package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"nagare/hub"
	"nagare/store"
)

// reader is a follower of a store.
type reader struct {
	mu     sync.Mutex
	tip    hub.Position
	events []hub.Event
	more   chan struct{} // gets an item with each delivery
}

// follow starts to follow a store, and waits for the first delivery.
func follow(t T, s store.Store, after hub.Position, most int) *reader {
	t.Helper()
	r := &reader{more: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Follow(ctx, channel, after, most, r.deliver) }()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	select {
	case <-r.more:
	case err := <-ended:
		ended <- err
		t.Fatalf("follow: %v", err)
	}
	return r
}

func (r *reader) deliver(tip hub.Position, events []hub.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range events {
		for i, earlier := range r.events {
			r.events[i] = earlier.RewrittenBy(ev)
		}
		r.events = append(r.events, ev)
	}
	r.tip = tip
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// await waits until a position is delivered, and returns all events up to there, as text.
func (r *reader) await(t T, tip hub.Position) []string {
	t.Helper()
	for limit := time.After(20 * time.Second); ; {
		r.mu.Lock()
		at, events := r.tip, described(r.events)
		r.mu.Unlock()
		if at == tip {
			return events
		}
		select {
		case <-r.more:
		case <-limit:
			t.Fatalf("at %v, want %v", at, tip)
		}
	}
}

// described writes events as text, such as "3 create "words"".
func described(events []hub.Event) []string {
	out := []string{}
	for _, ev := range events {
		out = append(out, fmt.Sprintf("%d %s %s %s", ev.Position.Offset, ev.Name, ev.Key, ev.Data))
	}
	return out
}
