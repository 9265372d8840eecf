package moderation

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

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

// killed is a desk that can't carry out an op, as if the process was killed before it.
type killed struct{ *desk }

func (killed) Emit(context.Context, stream.Op) (bool, error) { return false, errors.New("killed") }

func TestModerator_ABlockIsFinishedAfterACrash(t *testing.T) {
	d := new(desk)
	m := New(killed{d}, Settings{Mode: After})
	block := Action{Do: Block, Author: "x:mio", Value: "mio", By: "Ann"}
	if _, err := m.Act(t.Context(), block); err == nil {
		t.Fatal("no error, although the posts of the author are not hidden")
	}
	m = New(d, d.saved[len(d.saved)-1])
	for range 2 { // the second time, nothing is left to be done
		if err := m.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.ops) != 1 || d.ops[0].Kind != stream.Hide || d.ops[0].Author.Key != "x:mio" || d.ops[0].Decision.Why != "author: @mio" || d.ops[0].Decision.By != "Ann" {
		t.Errorf("emitted %+v, want the posts of the author hidden once", d.ops)
	}
	if len(d.entries) != 1 {
		t.Errorf("audit: %+v, want the block", d.entries)
	}
	if s := m.Settings(); len(s.Rules) != 1 || len(s.Unfinished) != 0 {
		t.Errorf("settings %+v, want one rule and nothing unfinished", s)
	}
}

func TestModerator_AnActionOfAnotherProcessIsLeftToItForHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(desk)
		if _, err := New(killed{d}, Settings{Mode: After}).Named("a").Act(t.Context(), Action{Do: Block, Author: "x:mio", Value: "mio", By: "Ann"}); err == nil {
			t.Fatal("no error, although the posts of the author are not hidden")
		}
		m := New(d, Settings{Mode: After}).Named("b")
		act(t, m, Action{Do: Freeze})
		time.Sleep(othersTurn - time.Second)
		if err := m.Finish(t.Context()); err != nil || len(d.ops) > 0 {
			t.Errorf("%v, emitted %+v", err, d.ops)
		}
		time.Sleep(time.Second)
		if err := m.Finish(t.Context()); err != nil || len(d.ops) != 1 || d.ops[0].Author.Key != "x:mio" || len(m.Settings().Unfinished) > 0 {
			t.Errorf("%v, emitted %+v", err, d.ops)
		}
	})
}

func TestModerator_WhatIsUnfinishedAboutAnAuthorComesBeforeTheNextActionAboutThem(t *testing.T) {
	d := new(desk)
	if _, err := New(killed{d}, Settings{Mode: After}).Named("a").Act(t.Context(), Action{Do: Block, Author: "x:mio", Value: "mio", By: "Ann"}); err == nil {
		t.Fatal("no error, although the posts of the author are not hidden")
	}
	act(t, New(d, Settings{Mode: After}).Named("b"), Action{Do: Unblock, Author: "x:mio"})
	if len(d.ops) != 2 || d.ops[0].Kind != stream.Hide || d.ops[1].Kind != stream.Restore {
		t.Errorf("emitted %+v, want the block and its end", d.ops)
	}
}

// A form can name the author of any post.
func TestModerator_OnlyABlockIsTheReasonThatEndsWithTheBlock(t *testing.T) {
	d := new(desk)
	m := New(d, Settings{Mode: After})
	if _, err := m.Act(t.Context(), Action{Do: Hide, ID: "A", Author: "x:mio", By: "Ann"}); err != nil {
		t.Fatal(err)
	}
	if author := d.ops[0].Decision.Author; author != "" {
		t.Errorf("the post is hidden by the block of %s, want by the moderator", author)
	}
}
