package moderation

import (
	"testing"

	"nagare/stream"
)

func TestModerator_TwoAuthorsWithOneHandleCanBeBlocked(t *testing.T) {
	d := new(desk)
	m := New(d, Settings{Mode: After})
	act(t, m, Action{Do: Block, Author: "key:1", Value: "troll"})
	act(t, m, Action{Do: Block, Author: "key:2", Value: "troll"})
	if _, err := m.Act(t.Context(), Action{Do: Block, Author: "key:2", Value: "troll", By: "Mio"}); err == nil {
		t.Error("one author was blocked twice")
	}
	p := post("troll", "hello")
	p.Author.Key = "key:2"
	if held, decision := m.Judge(p, nil); held != stream.Hidden || decision.Author != "key:2" {
		t.Errorf("got %q by the block of %q, want key:2", held, decision.Author)
	}
	act(t, m, Action{Do: Unblock, Author: "key:1"})
	if op := d.ops[len(d.ops)-1]; op.Decision.Author != "key:1" {
		t.Errorf("the block of %q ended, want key:1", op.Decision.Author)
	}
}
