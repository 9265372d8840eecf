package main

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/streamtest"
)

// halfway is a store that stores no deletion in a channel, as if the process was killed before it.
type halfway struct {
	store.Store
	channel string
	reached atomic.Bool // such a deletion was to be stored
}

func (h *halfway) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	if channel == h.channel && slices.ContainsFunc(events, func(ev hub.Event) bool { return ev.Erase }) {
		h.reached.Store(true)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return h.Store.Append(ctx, channel, events)
}

// actHalfway carries out an action up to the deletion in that channel, and kills the process.
func actHalfway(t *testing.T, st store.Store, in string, do moderation.Do, id string) {
	t.Helper()
	half := &halfway{Store: st, channel: in}
	m := newModeratedSite(t, half, moderation.After)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.desk.moderator.Act(ctx, moderation.Action{Do: do, ID: id, By: "Mio"})
	}()
	if !within(10*time.Second, half.reached.Load) {
		t.Fatal("the card was not withdrawn")
	}
	cancel()
	<-done
	m.stop()
}

func TestDesk_AKillWhileAPostIsHiddenLeavesItAtTheDesk(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			m := newModeratedSite(t, st, moderation.After)
			m.post("A", "apple words")
			m.pass(quotingPost("B", "A", "apple words"), stream.Create)
			m.want("apple words", "public")
			m.stop()
			actHalfway(t, st, channel, moderation.Hide, "A")

			m = newModeratedSite(t, st, moderation.After)
			m.want("apple words", "desk")
			m.post("A", "apple words")
			m.want("apple words", "desk")
			m.wantCards(1)
			m.act(moderation.Approve, "A")
			m.want("apple words", "public")
			m.pass(streamtest.Destroyed("A"), stream.Destroy)
			m.want("apple words", "nowhere")
			m.stop()
		})
	}
}

func TestDesk_AKillWhileAPostIsShownLeavesItPublic(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			m := newModeratedSite(t, st, moderation.After)
			m.post("A", "apple words")
			m.act(moderation.Hide, "A")
			m.want("apple words", "desk")
			m.stop()
			actHalfway(t, st, deskChannel, moderation.Approve, "A")

			m = newModeratedSite(t, st, moderation.After)
			m.want("apple words", "public")
			m.wantCards(0)
			m.act(moderation.Hide, "A")
			m.want("apple words", "desk")
			m.stop()
		})
	}
}

// The first page after a kill doesn't show a post that was being hidden.
func TestDesk_PagesWaitUntilADecisionThatAKillInterruptedIsFinished(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			m := newModeratedSite(t, st, moderation.After)
			m.post("A", "apple words")
			m.stop()
			actHalfway(t, st, channel, moderation.Hide, "A")

			m = newModeratedSite(t, st, moderation.After)
			m.awaitPosts(t.Context())
			if there := m.where("apple words"); there != "desk" {
				t.Errorf("the words are: %s, want: desk", there)
			}
			m.stop()
		})
	}
}

// slowly is a store that takes a while to store a deletion.
type slowly struct{ store.Store }

func (s slowly) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	if slices.ContainsFunc(events, func(ev hub.Event) bool { return ev.Erase }) {
		time.Sleep(100 * time.Millisecond)
	}
	return s.Store.Append(ctx, channel, events)
}

// A moderator is told that a post is hidden once no page has it.
func TestDesk_AnActionIsAcknowledgedOnceThePagesShowItsEffect(t *testing.T) {
	m := newModeratedSite(t, slowly{new(store.Memory)}, moderation.After)
	m.post("A", "apple words")
	if _, err := m.desk.Act(t.Context(), moderation.Action{Do: moderation.Hide, ID: "A", By: "Mio"}); err != nil {
		t.Fatal(err)
	}
	if there := m.where("apple words"); there != "desk" {
		t.Errorf("the words are: %s, want: desk", there)
	}
}

// wantCards expects so many cards at the desk.
func (m *moderatedSite) wantCards(n int) {
	m.t.Helper()
	m.flush()
	records, _, err := m.store.Records(m.t.Context(), deskChannel, store.Query{Terms: []string{"held:" + string(stream.Hidden)}, Limit: 10})
	if err != nil || len(records) != n {
		m.t.Fatalf("%d cards at the desk, %v, want %d", len(records), err, n)
	}
}

// The browser of a moderator can end a request before its action is carried out.
func TestDesk_AnActionWhoseRequestEndsIsNotLeftHalfDone(t *testing.T) {
	m := newModeratedSite(t, new(store.Memory), moderation.After)
	m.post("A", "apple words")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.desk.Act(ctx, moderation.Action{Do: moderation.Hide, ID: "A", By: "Mio"}); err != nil {
		t.Fatal(err)
	}
	m.want("apple words", "desk")
	entries, _, err := m.desk.Audit(t.Context(), hub.Position{}, 10)
	if err != nil || len(entries) != 1 {
		t.Errorf("audit: %v %v, want one entry", entries, err)
	}
}
