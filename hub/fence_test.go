package hub_test

import (
	"context"
	"testing"

	"nagare/hub"
)

// fences is a store that notes the Fence of each event.
type fences struct {
	hub.Store
	seen []string
}

func (f *fences) Append(_ context.Context, _ string, events []hub.Event) ([]hub.Position, error) {
	for _, ev := range events {
		f.seen = append(f.seen, ev.Fence)
	}
	return make([]hub.Position, len(events)), nil
}

func TestFence_OfAContextIsThatOfItsEvents(t *testing.T) {
	store := new(fences)
	ch := hub.New(hub.Options{Store: store}).Channel("streaming")
	ch.Trigger(hub.WithFence(t.Context(), "7:a"), "create", 1)
	ch.Trigger(t.Context(), "create", 2)
	if len(store.seen) != 2 || store.seen[0] != "7:a" || store.seen[1] != "" {
		t.Errorf("the store got %q", store.seen)
	}
}
