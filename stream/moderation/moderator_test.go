package moderation

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// desk records what a Moderator asks for.
type desk struct {
	ops     []stream.Op
	saved   []Settings
	entries map[string]Entry
}

func (d *desk) Emit(_ context.Context, op stream.Op) (bool, error) {
	d.ops = append(d.ops, op)
	return true, nil
}

func (d *desk) Load(context.Context) (s Settings, found bool, err error) {
	if len(d.saved) == 0 {
		return s, false, nil
	}
	return d.saved[len(d.saved)-1], true, nil
}

func (d *desk) Save(_ context.Context, s Settings) error {
	d.saved = append(d.saved, s)
	return nil
}

func (d *desk) Record(_ context.Context, e Entry) error {
	if d.entries == nil {
		d.entries = map[string]Entry{}
	}
	d.entries[e.Entry] = e
	return nil
}

func (d *desk) Entry(_ context.Context, id string) (Entry, bool, error) {
	e, found := d.entries[id]
	return e, found, nil
}

// post is a post by the handle with that text.
func post(handle, text string) *stream.Post {
	p := streamtest.PostOf(handle+"/"+text, text)
	p.Author = streamtest.Person(handle)
	return p
}

func TestModerator_HoldsAPostByModeAndRules(t *testing.T) {
	blocked := Rule{Author: "key:troll", Name: "troll"}
	quoting := post("ann", "look")
	quoting.Quote = &stream.Quote{ID: "q", Post: post("troll", "words")}
	reposted, troll := post("ann", "fine"), streamtest.Person("troll")
	reposted.RepostedBy = &troll
	for name, test := range map[string]struct {
		settings Settings
		post     *stream.Post
		held     stream.Held
		why      string
	}{
		"off":                        {Settings{Mode: Off, Rules: []Rule{{Query: "spam"}}}, post("ann", "spam"), "", ""},
		"after":                      {Settings{Mode: After}, post("ann", "hello"), "", ""},
		"before":                     {Settings{Mode: Before}, post("ann", "hello"), stream.Pending, "approval"},
		"before, with a delay":       {Settings{Mode: Before, Delay: 10}, post("ann", "hello"), stream.Pending, "delay"},
		"an author who needn't wait": {Settings{Mode: Before, Allowed: []Author{{Handle: "ann"}}}, post("Ann", "hello"), "", ""},
		"allowed, but against a rule": {
			Settings{Mode: Before, Allowed: []Author{{Handle: "ann"}}, Rules: []Rule{{Query: "spam"}}}, post("ann", "SPAM!"), stream.Hidden, "rule: spam",
		},
		"a rule that doesn't match":   {Settings{Mode: After, Rules: []Rule{{Query: "spam"}}}, post("ann", "spammer"), "", ""},
		"a rule of two conditions":    {Settings{Mode: After, Rules: []Rule{{Query: "from:ann hello"}}}, post("ann", "hello"), stream.Hidden, "rule: from:ann hello"},
		"a blocked author":            {Settings{Mode: After, Rules: []Rule{blocked}}, post("troll", "hello"), stream.Hidden, "author: @troll"},
		"a blocked author is quoted":  {Settings{Mode: After, Rules: []Rule{blocked}}, quoting, stream.Hidden, "author: @troll"},
		"a blocked author reposts":    {Settings{Mode: After, Rules: []Rule{blocked}}, reposted, stream.Hidden, "author: @troll"},
		"a rule that can't be parsed": {Settings{Mode: After, Rules: []Rule{{Query: `"`}}}, post("ann", "hello"), "", ""},
	} {
		held, decision := New(new(desk), test.settings).Judge(test.post, nil)
		if held != test.held || decision.Why != test.why {
			t.Errorf("%s: got %q because of %q, want %q because of %q", name, held, decision.Why, test.held, test.why)
		}
	}
}

func TestModerator_OnlyAnEditOfTheContentWaitsForApprovalAgain(t *testing.T) {
	m := New(new(desk), Settings{Mode: Before, Rules: []Rule{{Query: "spam"}}})
	approved := post("ann", "hello")
	renamed, spam, edited, pictured := *approved, *approved, *approved, *approved
	renamed.Author.Name, spam.Author.Name = "Ann of the bridge", "Cheap spam"
	edited.Text = post("ann", "goodbye").Text
	pictured.Media = []stream.Media{{Kind: "image", Preview: "https://example.com/1.png"}}
	approved.Quote = &stream.Quote{ID: "q", Post: post("ben", "quoted")}
	unquoted, requoted := *approved, *approved
	unquoted.Quote, requoted.Quote = &stream.Quote{ID: "q"}, &stream.Quote{ID: "q", Post: post("ben", "quoted and edited")}
	renamed.Quote = approved.Quote
	for name, test := range map[string]struct {
		post *stream.Post
		held stream.Held
	}{
		"a quote that is gone": {&unquoted, ""}, "a quote that was edited": {&requoted, stream.Pending},
		"another name": {&renamed, ""}, "a name against a rule": {&spam, stream.Hidden}, "other words": {&edited, stream.Pending}, "a picture": {&pictured, stream.Pending},
	} {
		if held, _ := m.Judge(test.post, approved); held != test.held {
			t.Errorf("%s: got %q, want %q", name, held, test.held)
		}
	}
}

func act(t *testing.T, m *Moderator, a Action) Entry {
	t.Helper()
	a.By = "Mio"
	e, err := m.Act(t.Context(), a)
	if err != nil {
		t.Fatalf("%s: %v", a.Do, err)
	}
	return e
}

func TestModerator_AnActionBecomesAnOpAndAnEntry(t *testing.T) {
	d := new(desk)
	m := New(d, Settings{Mode: After})
	for _, test := range []struct {
		action Action
		kind   stream.Kind
		author string
		why    string
	}{
		{Action{Do: Hide, ID: "a"}, stream.Hide, "", "moderator"},
		{Action{Do: Hide, ID: "a", Why: "off topic"}, stream.Hide, "", "moderator: off topic"},
		{Action{Do: Approve, ID: "a"}, stream.Show, "", "moderator"},
		{Action{Do: Block, Author: "key:troll", Value: "troll"}, stream.Hide, "key:troll", "author: @troll"},
		{Action{Do: Unblock, Author: "key:troll"}, stream.Restore, "key:troll", "author: @troll"},
	} {
		d.ops = nil
		e := act(t, m, test.action)
		if len(d.ops) != 1 || d.ops[0].Kind != test.kind || d.ops[0].Decision.Why != test.why || d.ops[0].Decision.By != "Mio" {
			t.Errorf("%s: emitted %+v", test.action.Do, d.ops)
		}
		if author := d.ops[0].Author; test.author != "" && (author == nil || author.Key != test.author) {
			t.Errorf("%s: emitted %+v", test.action.Do, d.ops)
		}
		if got := d.entries[e.Entry]; got.Do != test.action.Do || got.By != "Mio" || got.At.IsZero() {
			t.Errorf("%s: recorded %+v", test.action.Do, got)
		}
	}
}

func TestModerator_AWrongActionDoesNothing(t *testing.T) {
	d := new(desk)
	m := New(d, Settings{Mode: After})
	before := m.Settings()
	for _, a := range []Action{
		{Do: Hide}, {Do: Approve}, {Do: Block}, {Do: Pin}, {Do: AddRule}, {Do: AddRule, Value: `"open`}, {Do: DeleteRule, Value: "x"}, {Do: Unblock, Author: "x"},
		{Do: SetMode, Value: "never"}, {Do: SetDelay, Value: "61"}, {Do: SetDelay, Value: "-1"}, {Do: SetLimit, Value: "many"}, {Do: Undo}, {Do: Undo, Value: "x"}, {Do: "unknown"},
	} {
		a.By = "Mio"
		if _, err := m.Act(t.Context(), a); err == nil {
			t.Errorf("%+v was accepted", a)
		}
	}
	if _, err := m.Act(t.Context(), Action{Do: Freeze}); err == nil {
		t.Error("an action of nobody was accepted")
	}
	if len(d.ops)+len(d.saved)+len(d.entries) > 0 || !reflect.DeepEqual(before, m.Settings()) {
		t.Errorf("something was done: %+v", d)
	}
}

func TestModerator_WhatCannotBeSavedDoesNotApply(t *testing.T) {
	m := New(failing{new(desk)}, Settings{Mode: After})
	if _, err := m.Act(t.Context(), Action{Do: Freeze, By: "Mio"}); err == nil || m.Settings().Screen != Running {
		t.Errorf("got %v, and the screens are %q", err, m.Settings().Screen)
	}
}

// failing is a desk that can't save.
type failing struct{ *desk }

func (failing) Save(context.Context, Settings) error { return errors.New("away") }

func TestModerator_AnActionCanBeUndoneOnceForTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(desk)
		m := New(d, Settings{Mode: After})
		first := act(t, m, Action{Do: Hide, ID: "a"})
		second := act(t, m, Action{Do: Hide, ID: "b"})
		time.Sleep(undoFor - time.Second)
		act(t, m, Action{Do: Undo, Value: first.Entry})
		if last := d.ops[len(d.ops)-1]; last.Kind != stream.Restore || last.ID != "a" {
			t.Errorf("emitted %+v", last)
		}
		if _, err := m.Act(t.Context(), Action{Do: Undo, Value: first.Entry, By: "Mio"}); err == nil {
			t.Error("undone twice")
		}
		time.Sleep(time.Second)
		if _, err := m.Act(t.Context(), Action{Do: Undo, Value: second.Entry, By: "Mio"}); err == nil {
			t.Error("undone after ten minutes")
		}
	})
}

// Undoing the newest action gives the settings of before, whatever they are.
func TestModerator_UndoingRestoresTheSettings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := New(new(desk), Settings{Mode: After})
		for range rapid.IntRange(1, 12).Draw(rt, "actions") {
			before := m.Settings()
			a := anyAction(rt, before)
			a.By = "Mio"
			e, err := m.Act(context.Background(), a)
			if err != nil || e.Inverse == nil || rapid.Bool().Draw(rt, "keep") {
				continue
			}
			if _, err := m.Act(context.Background(), Action{Do: Undo, Value: e.Entry, By: "Mio"}); err != nil {
				rt.Fatalf("undo of %+v: %v", a, err)
			}
			if got, want := essence(m.Settings()), essence(before); got != want {
				rt.Fatalf("after %+v and its undo\ngot  %s\nwant %s", a, got, want)
			}
		}
	})
}

// essence is what an undo restores: not the order of lists, nor who made a rule, and when.
func essence(s Settings) string {
	var rules []string
	for _, r := range s.Rules {
		rules = append(rules, r.Query+r.Author)
	}
	pins := slices.Clone(s.Pins)
	var allowed []string
	for _, a := range s.Allowed {
		allowed = append(allowed, a.Key+a.Handle)
	}
	slices.Sort(rules)
	slices.Sort(pins)
	slices.Sort(allowed)
	return fmt.Sprint(s.Mode, s.Delay, rules, allowed, pins, s.Screen, s.MostPosts, s.HideDuplicates)
}

func anyAction(t *rapid.T, s Settings) Action {
	id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")
	a := Action{ID: id, Author: "key:" + id, Value: id}
	a.Do = rapid.SampledFrom([]Do{Hide, Approve, Block, Unblock, Pin, Unpin, AddRule, DeleteRule, Allow, Disallow, SetMode, Freeze, Empty, Resume}).Draw(t, "do")
	switch {
	case a.Do == SetMode:
		a.Value = rapid.SampledFrom([]string{"off", "after", "before"}).Draw(t, "mode")
	case a.Do == DeleteRule && len(s.Rules) > 0:
		a.Value = rapid.SampledFrom(s.Rules).Draw(t, "rule").ID
	}
	return a
}
