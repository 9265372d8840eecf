package web

import (
	"testing"

	"nagare/hub"
)

func TestPosted_ForgetsTheOldestIDFirst(t *testing.T) {
	p := newPosted(3)
	for i, id := range []string{"a", "b", "b", "c", "d"} {
		p.created(id, hub.Position{Epoch: "e", Offset: uint64(i + 1)})
	}
	for id, want := range map[string]uint64{"a": 0, "b": 2, "c": 4, "d": 5} {
		if got, known := p.get(id); got.created.Offset != want || known != (want > 0) {
			t.Errorf("%s is remembered at %d, want %d", id, got.created.Offset, want)
		}
	}
	if len(p.positions) != 3 {
		t.Errorf("%d ids are remembered, want 3", len(p.positions))
	}
}

func TestPosted_RecordsTheDestroyOnlyForAKnownID(t *testing.T) {
	p := newPosted(3)
	p.created("a", hub.Position{Epoch: "e", Offset: 1})
	p.destroyed("a", hub.Position{Epoch: "e", Offset: 2})
	p.destroyed("b", hub.Position{Epoch: "e", Offset: 3})
	if got, _ := p.get("a"); !got.gone() || got.created.Offset != 1 || got.destroyed.Offset != 2 {
		t.Errorf("a is at %+v", got)
	}
	if _, known := p.get("b"); known {
		t.Error("b was never created")
	}
}
