package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/streamtest"
)

// unread is a store whose texts can't be read for some time.
type unread struct {
	store.Store
	away atomic.Bool
}

func (u *unread) Get(name string) (string, bool, error) {
	if u.away.Load() {
		return "", false, errors.New("away")
	}
	return u.Store.Get(name)
}

func TestDesk_NoPostPassesUntilTheSettingsAreLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &unread{Store: new(store.Memory)}
		if _, err := st.Replace(t.Context(), moderationText, "", `{"mode":"after","rules":[{"query":"apple"}]}`); err != nil {
			t.Fatal(err)
		}
		st.away.Store(true)
		p := newProgram(config{admins: []stream.Secret{stream.Secret(secret)}, moderation: moderation.After}, slog.New(slog.DiscardHandler), st, nil)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		defer running.Wait()
		defer stop()
		running.Go(func() { p.hub.Run(ctx) })
		running.Go(func() { p.desk.awaitLoad(ctx, "") })
		time.Sleep(10 * time.Second)
		if err := p.emit(ctx, streamtest.Edited("A", "apple words")); err == nil || p.degraded() == nil {
			t.Error("a post passes")
		}
		if _, err := p.desk.Act(ctx, moderation.Action{Do: moderation.Freeze, By: "Mio"}); err == nil {
			t.Error("a moderator acts")
		}
		st.away.Store(false)
		if err := p.awaitStore(ctx); err != nil || p.degraded() != nil {
			t.Error(err, p.degraded())
		}
		op := streamtest.Edited("A", "apple words")
		op.Kind = stream.Create
		if err := p.emit(ctx, op); err != nil {
			t.Fatal(err)
		}
		m := &moderatedSite{p, t, stop}
		if m.flush(); m.where("apple words") != "desk" {
			t.Errorf("the words are: %s, want: desk", m.where("apple words"))
		}
	})
}

func TestDesk_SettingsOfTwoProcessesAtOnceAreAllKept(t *testing.T) {
	const each = 20
	for name, st := range allStores(t) {
		if name == "sqlite" {
			continue // is used by one process only
		}
		t.Run(name, func(t *testing.T) {
			sites := []*moderatedSite{newModeratedSite(t, st, moderation.After), newModeratedSite(t, st, moderation.After)}
			var acting sync.WaitGroup
			for i, m := range sites {
				acting.Go(func() {
					for n := range each {
						rule := moderation.Action{Do: moderation.AddRule, Value: fmt.Sprintf("word%dof%d", n, i), By: "Mio"}
						if _, err := m.desk.moderator.Act(t.Context(), rule); err != nil {
							t.Error(err)
						}
					}
				})
			}
			acting.Wait()
			for i, m := range sites {
				if !within(10*time.Second, func() bool { return len(m.desk.Settings().Rules) == len(sites)*each }) { // it follows the other
					t.Fatalf("process %d has %d rules, want %d", i, len(m.desk.Settings().Rules), len(sites)*each)
				}
			}
		})
	}
}

// late is a store that takes a while to store changes of cards at the desk.
type late struct {
	store.Store
	changed atomic.Bool // one is stored
	early   atomic.Bool // before it, the settings said that all is done
}

func (l *late) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	if channel != deskChannel || events[0].Name != string(stream.Update) {
		return l.Store.Append(ctx, channel, events)
	}
	time.Sleep(100 * time.Millisecond)
	defer l.changed.Store(true)
	return l.Store.Append(ctx, channel, events)
}

func (l *late) Replace(ctx context.Context, name, before, text string) (bool, error) {
	if strings.Contains(before, `"unfinished"`) && !strings.Contains(text, `"unfinished"`) && !l.changed.Load() {
		l.early.Store(true)
	}
	return l.Store.Replace(ctx, name, before, text)
}

func TestDesk_ABlockIsFinishedOnceTheDeskHasItsResult(t *testing.T) {
	st := &late{Store: new(store.Memory)}
	m := newModeratedSite(t, st, moderation.Before)
	op := streamtest.Edited("A", "apple words")
	m.pass(op, stream.Create)
	if _, err := m.desk.Act(t.Context(), moderation.Action{Do: moderation.Block, Author: op.Post.Author.Key, Value: "mio", By: "Mio"}); err != nil {
		t.Fatal(err)
	}
	if !st.changed.Load() || st.early.Load() {
		t.Errorf("changed: %v, finished before: %v", st.changed.Load(), st.early.Load())
	}
}

// Another process saves a rule. This process learns of it after the four seconds that a connection was away.
func TestDesk_ARuleThatArrivesLateHidesThePostsSinceItWasSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModeratedSite(t, new(store.Memory), moderation.After)
		m.post("A", "apple words")
		time.Sleep(10 * time.Second)
		s := m.desk.Settings()
		s.Version, s.Saved, s.Rules = s.Version+1, time.Now(), []moderation.Rule{{ID: "1", Query: "words"}}
		time.Sleep(time.Second)
		m.post("B", "banana words")
		time.Sleep(3 * time.Second)
		if _, err := m.desk.channel.Trigger(t.Context(), settingsEvent, settingsData{s, "another"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		m.flush()
		if a, b := m.where("apple words"), m.where("banana words"); a != "public" || b != "desk" {
			t.Errorf("a post from before the rule is: %s, one from after it: %s", a, b)
		}
		m.stop()
	})
}

func (u *unread) Replace(ctx context.Context, name, before, text string) (bool, error) {
	if u.away.Load() {
		return false, errors.New("away")
	}
	return u.Store.Replace(ctx, name, before, text)
}

func TestDesk_AnUnpinThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &unread{Store: new(store.Memory)}
		m := newModeratedSite(t, st, moderation.After)
		m.post("A", "apple words")
		m.act(moderation.Pin, "A")
		synctest.Wait()
		st.away.Store(true)
		m.pass(streamtest.Destroyed("A"), stream.Destroy)
		time.Sleep(time.Second)
		st.away.Store(false)
		time.Sleep(overdueInterval)
		synctest.Wait()
		if pins := m.desk.Settings().Pins; len(pins) != 0 {
			t.Errorf("a post that is deleted is pinned: %v", pins)
		}
		m.stop()
	})
}
