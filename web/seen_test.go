package web

import (
	"testing"

	"nagare/hub"
)

func TestSeen_ForgetsTheOldestFirst(t *testing.T) {
	s := newSeen(3)
	for i, id := range []string{"a", "b", "c", "d"} {
		s.add(id, hub.Position{Epoch: "e", Offset: uint64(i + 1)})
	}
	for id, want := range map[string]uint64{"a": 0, "b": 2, "c": 3, "d": 4} {
		if got := s.places[id].Offset; got != want {
			t.Errorf("%s is remembered at %d, want %d", id, got, want)
		}
	}
	if len(s.places) != 3 {
		t.Errorf("%d ids are remembered, want 3", len(s.places))
	}
}
