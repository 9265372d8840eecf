package redis_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/redis"
)

const channel = "streaming"

// history holds the content of every position that any node has delivered.
type history struct {
	mu       sync.Mutex
	contents map[hub.Position]hub.Event
}

func newHistory() *history { return &history{contents: map[hub.Position]hub.Event{}} }

// add fails the test if another node has delivered the position with another content. An erasure
// changes the content of the record's earlier events.
func (h *history) add(t testing.TB, ev hub.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, known := h.contents[ev.Position]
	same := before.Key == ev.Key && (before.Erase || ev.Erase || before.Name == ev.Name && string(before.Data) == string(ev.Data))
	if known && !same {
		t.Errorf("position %v has two contents: %s %s and %s %s", ev.Position, before.Key, before.Data, ev.Key, ev.Data)
	}
	h.contents[ev.Position] = ev
}

// node follows a store, as the hub of a process does: it follows again if the store fails.
type node struct {
	t     testing.TB
	store *redis.Store

	mu     sync.Mutex
	tip    hub.Position
	keys   []string // of the events that were delivered in the present epoch
	epochs []string // in order
	gaps   int      // deliveries whose first event is not the one after the tip
}

func follow(t testing.TB, s *redis.Store, h *history) *node {
	t.Helper()
	n := &node{t: t, store: s}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		for ctx.Err() == nil {
			s.Follow(ctx, channel, n.at(), 1000, func(tip hub.Position, events []hub.Event) { n.deliver(h, tip, events) })
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	t.Cleanup(func() {
		stop()
		work.Wait()
	})
	return n
}

func (n *node) deliver(h *history, tip hub.Position, events []hub.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if tip.Epoch != n.tip.Epoch {
		n.keys, n.epochs = nil, append(n.epochs, tip.Epoch)
		n.tip = hub.Position{Epoch: tip.Epoch}
	} else if len(events) > 0 && events[0].Position.Offset != n.tip.Offset+1 {
		n.gaps++
	}
	for _, ev := range events {
		h.add(n.t, ev)
		n.keys = append(n.keys, ev.Key)
	}
	n.tip = tip
}

func (n *node) at() hub.Position {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.tip
}

// await waits until the node has a position.
func (n *node) await(at hub.Position) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("the node has %v", at), func() bool { return n.at() == at })
}

// awaitEpoch waits until the node has an epoch other than the given one.
func (n *node) awaitEpoch(other string) (epoch string) {
	n.t.Helper()
	eventually(n.t, "the node has a new epoch", func() bool { epoch = n.at().Epoch; return epoch != "" && epoch != other })
	return epoch
}

func post(key string) hub.Event {
	return hub.Event{Name: "create", Key: key, Data: json.RawMessage(fmt.Sprintf(`{"id":%q}`, key)), Once: true}
}

// appendAll appends events one by one, and returns the position of the last.
func appendAll(t testing.TB, s *redis.Store, events ...hub.Event) (at hub.Position) {
	t.Helper()
	for _, ev := range events {
		positions, err := s.Append(t.Context(), channel, []hub.Event{ev})
		if err != nil {
			t.Fatalf("append: %v", err)
		}
		at = positions[0]
	}
	return at
}

// posts makes the events of n posts.
func posts(prefix string, n int) (events []hub.Event) {
	for i := range n {
		events = append(events, post(fmt.Sprint(prefix, i)))
	}
	return events
}
