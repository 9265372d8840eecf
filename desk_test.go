package main

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/streamtest"
)

// moderatedSite is a program with moderators, without sources and without HTTP.
type moderatedSite struct {
	*program
	t    *testing.T
	stop func() // as if the process was killed
}

func newModeratedSite(t *testing.T, st store.Store, mode moderation.Mode) *moderatedSite {
	t.Helper()
	c := config{admins: []stream.Secret{stream.Secret(secret)}, moderation: mode}
	return runModerated(t, newProgram(c, slog.New(slog.DiscardHandler), st, nil))
}

func runModerated(t *testing.T, p *program) *moderatedSite {
	t.Helper()
	m := &moderatedSite{p, t, nil}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	m.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(m.stop)
	running.Go(func() { m.hub.Run(ctx) })
	for _, ch := range []*hub.Channel{m.posts, m.desk.channel} {
		if err := ch.Loaded(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.desk.load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	running.Go(func() { m.desk.run(ctx, true) })
	return m
}

func (m *moderatedSite) post(id, text string) { m.pass(streamtest.Edited(id, text), stream.Create) }
func (m *moderatedSite) edit(id, text string) { m.pass(streamtest.Edited(id, text), stream.Update) }

func (m *moderatedSite) pass(op stream.Op, kind stream.Kind) {
	m.t.Helper()
	op.Kind = kind
	if err := m.emit(m.t.Context(), op); err != nil {
		m.t.Fatal(err)
	}
	m.flush()
}

func (m *moderatedSite) flush() {
	m.t.Helper()
	for _, ch := range []*hub.Channel{m.posts, m.desk.channel} {
		if err := ch.Flush(m.t.Context()); err != nil {
			m.t.Fatal(err)
		}
	}
}

func (m *moderatedSite) act(do moderation.Do, id string) moderation.Entry {
	m.t.Helper()
	e, err := m.desk.moderator.Act(m.t.Context(), moderation.Action{Do: do, ID: id, By: "Mio"})
	if err != nil {
		m.t.Fatal(err)
	}
	m.flush()
	return e
}

// everything returns all that a channel's log holds and all that the store returns of it.
func (m *moderatedSite) everything(ch *hub.Channel, name string) string {
	m.t.Helper()
	var all strings.Builder
	events, _ := ch.Recent(math.MaxInt)
	for _, ev := range events {
		all.WriteString(ev.Name + string(ev.Data) + string(jsonOf(ev.Index)))
	}
	records, _, err := m.store.Records(m.t.Context(), name, store.Query{Limit: 1000})
	if err != nil {
		m.t.Fatal(err)
	}
	for _, r := range records {
		all.WriteString(string(r.Data) + string(jsonOf(r.Index)) + string(r.Index.State))
	}
	return all.String()
}

// where returns where the words are: in public, at the desk, or nowhere.
func (m *moderatedSite) where(words string) string {
	public, held := m.everything(m.posts, channel), m.everything(m.desk.channel, deskChannel)
	switch {
	case strings.Contains(public, words) && strings.Contains(held, words):
		return "both"
	case strings.Contains(public, words):
		return "public"
	case strings.Contains(held, words):
		return "desk"
	}
	return "nowhere"
}

// want waits until the words are there: other processes and the log follow the store.
func (m *moderatedSite) want(words, there string) {
	m.t.Helper()
	if !within(10*time.Second, func() bool { return m.where(words) == there }) {
		m.t.Fatalf("%q is: %s, want: %s", words, m.where(words), there)
	}
}

func TestDesk_WhatIsHeldIsNowhereInPublic(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			m := newModeratedSite(t, st, moderation.After)
			m.post("A", "apple words")
			m.pass(quotingPost("B", "A", "apple words"), stream.Create)
			m.want("apple words", "public")
			hidden := m.act(moderation.Hide, "A")
			m.want("apple words", "desk")
			m.edit("A", "pear words")
			m.want("pear words", "desk")
			m.want("apple words", "nowhere")

			m.stop()
			m = newModeratedSite(t, st, moderation.After)
			m.post("A", "pear words") // sources repeat posts after a restart
			m.want("pear words", "desk")
			m.edit("A", "plum words")
			m.want("plum words", "desk")
			m.undo(hidden)
			m.want("plum words", "public")
			m.act(moderation.Hide, "A")
			m.want("plum words", "desk")
			m.pass(streamtest.Destroyed("A"), stream.Destroy)
			m.want("plum words", "nowhere")
			m.stop()
		})
	}
}

func TestDesk_APostWaitsForApproval(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			m := newModeratedSite(t, st, moderation.Before)
			m.post("A", "apple words")
			m.post("B", "banana words")
			m.want("apple words", "desk")
			hidden := m.act(moderation.Hide, "B")
			m.stop()
			m = newModeratedSite(t, st, moderation.Off)
			m.desk.moderator.Start(t.Context(), moderation.Before)
			m.post("A", "apple words")
			m.want("apple words", "desk")
			approved := m.act(moderation.Approve, "A")
			m.want("apple words", "public")
			m.undo(approved)
			m.want("apple words", "desk")
			m.undo(hidden)
			m.want("banana words", "desk")
			if a, b := m.waitsFor("A~"), m.waitsFor("B"); a != moderation.ForApproval || b != moderation.ForApproval {
				t.Errorf("after undoing, the posts are at the desk because of %q and %q, want %q", a, b, moderation.ForApproval)
			}
			m.pass(streamtest.Destroyed("B"), stream.Destroy)
			m.want("banana words", "nowhere")
			m.stop()
		})
	}
}

// Two processes share a store. One hides a post that the other one has in memory, and goes on editing.
func TestDesk_ADecisionHoldsInAllProcesses(t *testing.T) {
	st := allStores(t)["redis"]
	a, b := newModeratedSite(t, st, moderation.After), newModeratedSite(t, st, moderation.After)
	a.post("A", "apple words")
	b.want("apple words", "public")
	b.act(moderation.Hide, "A")
	edited := streamtest.Edited("A", "pear words")
	edited.Post.EditedAt = streamtest.Recorded.Add(time.Second)
	a.pass(edited, stream.Update) // perhaps before it has heard of the decision
	a.want("pear words", "desk")
	a.want("apple words", "nowhere")
	a.act(moderation.Freeze, "")
	if !within(time.Second, func() bool { return b.desk.moderator.Settings().Screen == moderation.Frozen }) {
		t.Fatal("the other process doesn't know that the screens are frozen after a second")
	}
	a.stop()
	b.stop()
}

// quotingPost is a post that quotes another one with those words.
func quotingPost(id, quoted, words string) stream.Op {
	op := streamtest.Edited(id, "a quote")
	op.Post.Quote = &stream.Quote{ID: quoted, Post: streamtest.PostOf(quoted, words)}
	return op
}

func (m *moderatedSite) undo(e moderation.Entry) {
	m.t.Helper()
	if _, err := m.desk.moderator.Act(m.t.Context(), moderation.Action{Do: moderation.Undo, Value: e.Entry, By: "Ann"}); err != nil {
		m.t.Fatal(err)
	}
	m.flush()
}

func TestDesk_OfTwoModeratorsTheFirstHoldsAPostForHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c claims
		at := func(by string) claim { return claim{"A", by, time.Now()} }
		if got := c.add(at("Mio")).By; got != "Mio" {
			t.Errorf("the first: %s", got)
		}
		time.Sleep(claimFor - time.Second)
		if got := c.add(at("Ann")).By; got != "Mio" {
			t.Errorf("within half a minute: %s", got)
		}
		time.Sleep(time.Second)
		if got := c.add(at("Ann")).By; got != "Ann" {
			t.Errorf("after it: %s", got)
		}
	})
}

// Two moderators hide or approve the same post. Only the first one can undo it.
func TestDesk_ADecisionThatChangesNothingCannotBeUndone(t *testing.T) {
	m := newModeratedSite(t, new(store.Memory), moderation.Before)
	m.post("A", "apple words")
	for _, do := range []moderation.Do{moderation.Approve, moderation.Hide} {
		if first, second := m.act(do, "A"), m.act(do, "A"); first.Inverse == nil || second.Inverse != nil {
			t.Errorf("%s can be undone by %v, and once more by %v", do, first.Inverse, second.Inverse)
		}
	}
}

// A post has another id each time that it is hidden. Undoing names the one of before.
func TestDesk_EachHidingOfAPostCanBeUndone(t *testing.T) {
	m := newModeratedSite(t, new(store.Memory), moderation.After)
	m.post("A", "apple words")
	for _, id := range []string{"A", "A~", "A~~"} {
		hidden := m.act(moderation.Hide, id)
		m.want("apple words", "desk")
		m.undo(hidden)
		m.want("apple words", "public")
	}
	hidden := m.act(moderation.Hide, "A~~~")
	m.pass(streamtest.Destroyed("A"), stream.Destroy)
	if e, err := m.desk.moderator.Act(t.Context(), moderation.Action{Do: moderation.Undo, Value: hidden.Entry, By: "Ann"}); err == nil {
		t.Errorf("the hiding of a post that was deleted is undone: %+v", e)
	}
	if e, _, _ := m.desk.Entry(t.Context(), hidden.Entry); e.Undone {
		t.Error("the audit says so")
	}
}

// What moderators do is in the audit, also after a restart, and can be undone.
func TestDesk_TheAuditOutlivesTheProcess(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			m := newModeratedSite(t, st, moderation.After)
			m.post("A", "apple words")
			hidden := m.act(moderation.Hide, "A")
			m.act(moderation.Freeze, "")
			m.stop()
			m = newModeratedSite(t, st, moderation.After)
			m.undo(hidden)
			m.want("apple words", "public")
			entries, _, err := m.desk.Audit(t.Context(), hub.Position{}, 10)
			var got []string
			for _, e := range entries {
				got = append(got, string(e.Do)+" by "+e.By)
			}
			if want := "restore by Ann, freeze by Mio, hide by Mio"; err != nil || strings.Join(got, ", ") != want {
				t.Errorf("got %v %v, want %s", got, err, want)
			}
			if state, _ := m.desk.Screen(); state != "freeze" {
				t.Errorf("after the restart the screens are %q", state)
			}
			m.stop()
		})
	}
}
