package reconcile

import (
	"encoding/json"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// heldAt returns the state of a post in the archive, and why.
func (h *house) heldAt(name string) (held stream.Held, why string) {
	for _, saved := range h.kept.Find(name) {
		var s state
		if strings.TrimRight(saved.ID, "~") == name && !saved.Destroyed && json.Unmarshal(saved.State, &s) == nil && s.Decision != nil {
			held, why = s.Held, s.Decision.Why
		}
	}
	return held, why
}

func restored(id string) stream.Op { return stream.Op{Kind: stream.Restore, ID: id} }

func onAnn(kind stream.Kind) stream.Op {
	return stream.Op{Kind: kind, Author: ann(), Decision: stream.Decision{Why: "author: @Ann", Author: ann().Key}}
}

// blocking hides posts by Ann as a block does, and holds others for approval.
func blocking(p, _ *stream.Post) (stream.Held, stream.Decision) {
	if p.Author.Key == ann().Key {
		return stream.Hidden, onAnn(stream.Hide).Decision
	}
	return stream.Pending, stream.Decision{Why: "approval"}
}

func TestHold_ARestoreReturnsEachPostToItsEarlierState(t *testing.T) {
	a, hide, show, deleted := posted("A"), decision(stream.Hide, "A"), decision(stream.Show, "A"), streamtest.Destroyed("A")
	other := onAnn(stream.Restore)
	other.Decision.Author = "another author with this handle"
	stories := []struct {
		name      string
		policy    Policy
		ops       []stream.Op
		want, why string
	}{
		{"it waited", queued, []stream.Op{a, hide, restored("A")}, "waiting", "approval"},
		{"it was public", nil, []stream.Op{a, hide, restored("A")}, "", ""},
		{"it was approved", queued, []stream.Op{a, show, hide, restored("A")}, "", ""},
		{"the approval is undone", queued, []stream.Op{a, show, restored("A")}, "waiting", "approval"},
		{"a rule hid it, and the approval is undone", noSpam, []stream.Op{posted("spam"), decision(stream.Show, "spam"), restored("spam")}, "hidden", "rule: spam"},
		{"the second hiding is undone", nil, []stream.Op{a, hide, restored("A~"), decision(stream.Hide, "A~"), restored("A~")}, "", ""},
		{"the second hiding is undone, by the first id", nil, []stream.Op{a, hide, restored("A~"), decision(stream.Hide, "A~"), restored("A")}, "", ""},
		{"the hiding and the approval are undone", queued, []stream.Op{a, show, hide, restored("A"), restored("A")}, "waiting", "approval"},
		{"edited while it was hidden", queued, []stream.Op{a, show, hide, streamtest.Edited("A", "new"), restored("A")}, "waiting", "approval"},
		{"edited into spam while it was hidden", noSpam, []stream.Op{a, hide, streamtest.Edited("A", "spam"), restored("A")}, "hidden", "rule: spam"},
		{"edited, and the rules allow it", noSpam, []stream.Op{a, hide, streamtest.Edited("A", "new"), restored("A")}, "", ""},
		{"deleted", queued, []stream.Op{a, hide, deleted, restored("A")}, "", ""},
		{"a blocked author's post waited", queued, []stream.Op{a, onAnn(stream.Hide), onAnn(stream.Restore)}, "waiting", "approval"},
		{"a blocked author's post was public", nil, []stream.Op{a, onAnn(stream.Hide), onAnn(stream.Restore)}, "", ""},
		{"the block of an author with the same handle ends", nil, []stream.Op{a, onAnn(stream.Hide), other}, "hidden", "author: @Ann"},
	}
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			h, restarted := newHouse(t), newHouse(t)
			r := h.reconciler(s.policy)
			for _, op := range s.ops {
				r.Emit(op)
				restarted.reconciler(s.policy).Emit(op)
			}
			for name, h := range map[string]*house{"": h, "with a restart after each op": restarted} {
				held, why := h.heldAt(s.ops[0].ID)
				if string(held) != s.want || held != "" && why != s.why {
					t.Errorf("%s it is %q because of %q, want %q because of %q\n%s", name, held, why, s.want, s.why, h)
				}
			}
		})
	}
}

// A post that came while its author was blocked was never approved.
func TestHold_APostThatABlockHidWaitsOnceTheBlockEnds(t *testing.T) {
	h := newHouse(t)
	r := h.reconciler(blocking)
	r.Emit(posted("A"))
	r.Moderate(queued)
	r.Emit(onAnn(stream.Restore))
	if held, why := h.heldAt("A"); held != stream.Pending || why != "approval" {
		t.Errorf("it is %q because of %q, want it to wait for approval", held, why)
	}
}

// A record of an earlier version doesn't say what was before, nor whose block hid the post.
func TestHold_ARestoreReadsRecordsOfEarlierVersions(t *testing.T) {
	h := newHouse(t)
	r := h.reconciler(queued)
	r.Emit(posted("A"))
	r.Emit(onAnn(stream.Hide))
	saved := h.kept.cards["A"]
	var s state
	if err := json.Unmarshal(saved.State, &s); err != nil {
		t.Fatal(err)
	}
	s.Earlier, s.Decision.Author = nil, ""
	saved.State, _ = json.Marshal(s)
	h.kept.cards["A"] = saved
	h.reconciler(queued).Emit(onAnn(stream.Restore))
	if held, why := h.heldAt("A"); held != stream.Pending || why != "approval" {
		t.Errorf("it is %q because of %q, want it to wait for approval", held, why)
	}
}

// A block also hides what others quote of the author.
func TestHold_TheEndOfABlockShowsPostsOfOthersThatItHid(t *testing.T) {
	h := newHouse(t)
	r := h.reconciler(func(p, before *stream.Post) (stream.Held, stream.Decision) {
		held, decision := noSpammers(p, before)
		decision.Author = streamtest.Person("Spam").Key
		return held, decision
	})
	r.Emit(bySpammer(quoting("Q", "A")))
	r.Emit(reposted("B", "Spam"))
	r.Moderate(nil)
	spammer := streamtest.Person("Spam")
	r.Emit(stream.Op{Kind: stream.Restore, Author: &spammer, Decision: stream.Decision{Author: spammer.Key}})
	if got, want := h.String(), "Q=Q quotes A, B=B reposted by Spam | "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
