package recent

import (
	"fmt"
	"testing"
)

func TestSet_HoldsTheNewestIDs(t *testing.T) {
	m := New(100)
	for i := range 250 {
		m.Add(fmt.Sprint(i))
		m.Add(fmt.Sprint(i)) // adding an id again takes no place
	}
	for i := range 251 {
		if got, want := m.Has(fmt.Sprint(i)), i >= 150 && i < 250; got != want {
			t.Errorf("%d: got %v, want %v", i, got, want)
		}
	}
	if len(m.slots) != 100 || len(m.ring) != 100 {
		t.Errorf("%d are held, in %d places", len(m.slots), len(m.ring))
	}
}

func TestSet_CountsAnIDThatIsAddedAgainAsNew(t *testing.T) {
	m := New(3)
	m.Add("a")
	m.Remove("a")
	if m.Has("a") {
		t.Error("a is there, though it was removed")
	}
	m.Add("b")
	m.Add("a")
	m.Add("c") // takes the place that a had before it was removed
	if !m.Has("a") || !m.Has("b") || !m.Has("c") {
		t.Error("one of the three newest is missing")
	}
	if m.Add(""); m.Has("") {
		t.Error("no id is an id")
	}
}
