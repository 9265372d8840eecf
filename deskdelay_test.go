package main

import (
	"testing"
	"testing/synctest"
	"time"

	"nagare/store"
	"nagare/stream/moderation"
)

func TestDesk_APostIsShownOnceItsDelayIsOver(t *testing.T) {
	for name, st := range allStores(t) {
		t.Run(name, func(t *testing.T) {
			m := newModeratedSite(t, st, moderation.Before)
			if _, err := m.desk.moderator.Act(t.Context(), moderation.Action{Do: moderation.SetDelay, Value: "1", By: "Mio"}); err != nil {
				t.Fatal(err)
			}
			m.post("A", "apple words")
			m.post("B", "banana words")
			m.act(moderation.Hide, "B")
			m.want("apple words", "public")
			m.want("banana words", "desk")
			m.stop()
		})
	}
}

// A moderator chooses that posts wait for approval instead: then those that are here wait for it, too.
func TestDesk_WithoutADelayNothingIsShownByItself(t *testing.T) {
	for name, next := range map[string]moderation.Action{
		"no delay": {Do: moderation.SetDelay, Value: "0"}, "another mode": {Do: moderation.SetMode, Value: "after"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newModeratedSite(t, new(store.Memory), moderation.Before)
				do := func(a moderation.Action) {
					t.Helper()
					a.By = "Mio"
					if _, err := m.desk.moderator.Act(t.Context(), a); err != nil {
						t.Fatal(err)
					}
				}
				do(moderation.Action{Do: moderation.SetDelay, Value: "60"})
				m.post("A", "apple words")
				do(next)
				if !within(10*time.Second, func() bool { return m.waitsFor("A") == moderation.ForApproval }) {
					t.Fatalf("the post waits for %q, want %q", m.waitsFor("A"), moderation.ForApproval)
				}
				do(moderation.Action{Do: moderation.SetMode, Value: "before"})
				do(moderation.Action{Do: moderation.SetDelay, Value: "1"})
				m.post("B", "banana words")
				m.want("banana words", "public")
				m.want("apple words", "desk")
				m.stop()
			})
		})
	}
}

// waitsFor returns why the post of that id is at the desk, or "".
func (m *moderatedSite) waitsFor(id string) string {
	m.t.Helper()
	records, err := m.store.Find(m.t.Context(), deskChannel, id)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, r := range records {
		if r.Key == id && !r.Erased {
			return decisionOf(r).Why
		}
	}
	return ""
}
