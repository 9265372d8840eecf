package stream

import (
	"fmt"
	"testing"
)

func TestMarks_HoldTheNewest(t *testing.T) {
	m := newMarks(100)
	for i := range 250 {
		m.add(fmt.Sprint(i))
		m.add(fmt.Sprint(i)) // which takes no place
	}
	for i := range 251 {
		if got, want := m.has(fmt.Sprint(i)), i >= 150 && i < 250; got != want {
			t.Errorf("%d: got %v, want %v", i, got, want)
		}
	}
	if len(m.slots) != 100 || len(m.ring) != 100 {
		t.Errorf("%d are held, in %d places", len(m.slots), len(m.ring))
	}
}

func TestMarks_KeepWhatWasRemovedAndCameAgain(t *testing.T) {
	m := newMarks(3)
	m.add("a")
	m.remove("a")
	if m.has("a") {
		t.Error("a is there, though it was removed")
	}
	m.add("b")
	m.add("a")
	m.add("c") // in the place that a had first
	if !m.has("a") || !m.has("b") || !m.has("c") {
		t.Error("one of the three newest is missing")
	}
	if m.add(""); m.has("") {
		t.Error("no id is an id")
	}
}
