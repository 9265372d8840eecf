package reconcile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// house is what two audiences see: the public, and the moderators at their desk.
type house struct {
	public, desk *streamtest.Page
	kept         archive
}

func newHouse(t interface{ Fatalf(string, ...any) }) *house {
	return &house{public: streamtest.NewPage(t), desk: streamtest.NewPage(t)}
}

// Emit also archives the op, with the cards of both audiences, but not that a card has left the desk.
func (h *house) Emit(op stream.Op) error {
	at := h.public
	if op.Held != "" {
		at = h.desk
	}
	if op.Held == "" || op.Kind != stream.Destroy || len(op.Names) > 0 {
		h.kept.record(op)
	}
	return at.Emit(op)
}

func (h *house) reconciler(p Policy) *Reconciler {
	r := New(h.Emit, &h.kept)
	r.Moderate(p)
	return r
}

func (h *house) String() string { return h.public.String() + " | " + h.desk.String() }

func decision(kind stream.Kind, id string) stream.Op {
	return stream.Op{Kind: kind, ID: id, Decision: stream.Decision{Why: "moderator", By: "Ann"}}
}

// queued holds every post.
func queued(*stream.Post, *stream.Post) (stream.Held, stream.Decision) {
	return stream.Pending, stream.Decision{Why: "approval"}
}

// noSpam hides posts with a word.
func noSpam(p, _ *stream.Post) (stream.Held, stream.Decision) {
	if strings.Contains(stream.PlainText(p.Text), "spam") {
		return stream.Hidden, stream.Decision{Why: "rule: spam"}
	}
	return "", stream.Decision{}
}

func TestHold_DecisionsMoveCardsBetweenThePublicAndTheDesk(t *testing.T) {
	stories := []struct {
		name   string
		policy Policy
		ops    []stream.Op
		want   string // the cards of the public, then those of the desk
	}{
		{"hidden", nil, []stream.Op{posted("A"), decision(stream.Hide, "A")}, " | A~=A"},
		{"hidden twice", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), decision(stream.Hide, "A~")}, " | A~=A"},
		{"hidden and edited", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), streamtest.Edited("A", "new")}, " | A~=new"},
		{"hidden and repeated", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), posted("A")}, " | A~=A"},
		{"hidden and reposted", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), reposted("A", "Ben")}, " | A~=A reposted by Ben"},
		{"hidden, reposted by nobody any more, and reposted again", nil, []stream.Op{reposted("A", "Ben"), decision(stream.Hide, "A"), streamtest.Destroyed("RA"), streamtest.Reposted("S", "A", "Ann")}, " | A~=A reposted by Ann"},
		{"hidden and deleted", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), streamtest.Destroyed("A")}, " | "},
		{"hidden and shown", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), decision(stream.Show, "A~")}, "A~=A | "},
		{"shown again by its old id", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), decision(stream.Show, "A")}, "A~=A | "},
		{"hidden again", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), decision(stream.Show, "A~"), decision(stream.Hide, "A~")}, " | A~~=A"},
		{"hidden again and deleted by an earlier id", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), decision(stream.Show, "A~"), decision(stream.Hide, "A~"), streamtest.Destroyed("A~")}, " | "},
		{"shown and deleted", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), decision(stream.Show, "A~"), streamtest.Destroyed("A")}, " | "},
		{"shown and never hidden", nil, []stream.Op{posted("A"), decision(stream.Show, "A")}, "A=A | "},
		{"unknown", nil, []stream.Op{decision(stream.Hide, "A"), posted("A")}, "A=A | "},
		{"quoted", nil, []stream.Op{posted("A"), quoting("B", "A"), decision(stream.Hide, "A")}, "B=B quotes  | A~=A"},
		{"quoted later", nil, []stream.Op{posted("A"), decision(stream.Hide, "A"), quoting("B", "A")}, "B=B quotes  | A~=A"},
		{"quoted and shown", nil, []stream.Op{posted("A"), quoting("B", "A"), decision(stream.Hide, "A"), decision(stream.Show, "A~")}, "B=B quotes A, A~=A | "},
		{"approved", queued, []stream.Op{posted("A"), decision(stream.Show, "A")}, "A=A | "},
		{"waiting", queued, []stream.Op{posted("A"), streamtest.Edited("A", "new"), reposted("A", "Ben")}, " | A=new reposted by Ben"},
		{"deleted while it waits", queued, []stream.Op{posted("A"), streamtest.Destroyed("A"), decision(stream.Show, "A")}, " | "},
		{"refused", queued, []stream.Op{posted("A"), decision(stream.Hide, "A")}, " | A=A"},
		{"edited after approval", queued, []stream.Op{posted("A"), decision(stream.Show, "A"), streamtest.Edited("A", "new")}, " | A~=new"},
		{"reposted after approval", queued, []stream.Op{posted("A"), decision(stream.Show, "A"), reposted("A", "Ben")}, "A=A | "},
		{"hidden by a rule", noSpam, []stream.Op{posted("A"), posted("spam")}, "A=A | spam=spam"},
		{"edited into spam", noSpam, []stream.Op{posted("A"), streamtest.Edited("A", "spam")}, " | A~=spam"},
		{"edited out of spam", noSpam, []stream.Op{posted("spam"), streamtest.Edited("spam", "fine")}, " | spam=fine"},
		{"spam shown by a moderator", noSpam, []stream.Op{posted("spam"), decision(stream.Show, "spam"), reposted("spam", "Ben")}, "spam=spam | "},
		{"an author", nil, []stream.Op{posted("A"), posted("B"), {Kind: stream.Hide, Author: ann(), Decision: stream.Decision{Why: "author"}}}, " | A~=A, B~=B"},
		{"an author who is shown again", nil, []stream.Op{
			posted("A"), posted("B"), decision(stream.Hide, "B"),
			{Kind: stream.Hide, Author: ann(), Decision: stream.Decision{Why: "author"}},
			{Kind: stream.Restore, Author: ann(), Decision: stream.Decision{Why: "author"}},
		}, "A~=A | B~=B"},
	}
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			h, restarted := newHouse(t), newHouse(t)
			r := h.reconciler(s.policy)
			for _, op := range s.ops {
				r.Emit(op)
				restarted.reconciler(s.policy).Emit(op)
			}
			if got := h.String(); got != s.want {
				t.Errorf("got  %s\nwant %s", got, s.want)
			}
			if got := restarted.String(); got != s.want {
				t.Errorf("with a restart after each op\ngot  %s\nwant %s", got, s.want)
			}
		})
	}
}

// posted is a post by Ann whose text is its id.
func posted(id string) stream.Op {
	op := streamtest.Edited(id, id)
	op.Kind, op.Post.Author = stream.Create, streamtest.Person("Ann")
	return op
}

func quoting(id, quoted string) stream.Op {
	op := posted(id)
	op.Post.Author = streamtest.Person("Cy")
	op.Post.Quote = &stream.Quote{ID: quoted, Post: posted(quoted).Post}
	return op
}

func reposted(id, by string) stream.Op {
	op, person := posted(id), streamtest.Person(by)
	op.ID, op.Post.RepostedBy = "R"+id, &person
	return op
}

func ann() *stream.Author {
	author := streamtest.Person("Ann")
	return &author
}

func TestHold_AReleaseMakesOnlyPublicWhatStillWaitsForIt(t *testing.T) {
	h := newHouse(t)
	r := h.reconciler(delayed)
	for _, op := range []stream.Op{posted("A"), posted("B"), posted("C"), posted("E"), decision(stream.Hide, "B"), streamtest.Destroyed("C")} {
		r.Emit(op)
	}
	since := time.Now()
	r.Await("E", stream.Decision{Why: "delay", At: since}, "approval")
	r.Emit(posted("F"))
	for _, id := range []string{"A", "B", "C", "D", "E", "F"} {
		r.Release(id, stream.Decision{Why: "delay", At: since})
	}
	if got, want := h.String(), "A=A | B=B, E=E, F=F"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// delayed holds a new post and an edit for the delay.
func delayed(p, before *stream.Post) (stream.Held, stream.Decision) {
	if before != nil && stream.PlainText(p.Text) == stream.PlainText(before.Text) {
		return "", stream.Decision{}
	}
	return stream.Pending, stream.Decision{Why: "delay", At: time.Now()}
}

func TestHold_AnEditBeginsTheDelayAgain(t *testing.T) {
	h := newHouse(t)
	r := h.reconciler(delayed)
	r.Emit(posted("A"))
	since := time.Now()
	r.Emit(streamtest.Edited("A", "new"))
	r.Release("A", stream.Decision{Why: "delay", At: since})
	if got, want := h.String(), " | A=new"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.Release("A", stream.Decision{Why: "delay", At: time.Now()})
	if got, want := h.String(), "A=new | "; got != want {
		t.Errorf("after the second delay got %s, want %s", got, want)
	}
}

func TestHold_ARuleThatIsNewerThanAPostStopsItsRelease(t *testing.T) {
	h := newHouse(t)
	r := h.reconciler(delayed)
	r.Emit(posted("spam"))
	r.Moderate(noSpam)
	r.Release("spam", stream.Decision{Why: "delay", At: time.Now()})
	if got, want := h.String(), " | spam=spam"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.Emit(streamtest.Edited("spam", "fine"))
	if got, want := h.String(), " | spam=fine"; got != want { // it is hidden now, and doesn't only wait
		t.Errorf("after an edit got %s, want %s", got, want)
	}
}

// Whatever happens, in whatever order, and over restarts: a card is public or held, never both; both
// audiences see a consistent life of each card; and nothing of a held post is public.
func TestHold_NothingOfAHiddenPostIsPublic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := rapid.SampledFrom([]Policy{nil, queued, noSpam, delayed, trusting}).Draw(t, "policy")
		h := newHouse(t)
		r := h.reconciler(policy)
		for range rapid.IntRange(1, 40).Draw(t, "number of ops") {
			if rapid.IntRange(0, 7).Draw(t, "restart") == 0 {
				r = h.reconciler(policy)
			}
			if id := "A"; rapid.IntRange(0, 7).Draw(t, "release") == 0 {
				r.Release(id, stream.Decision{Why: "delay", At: time.Now()})
			} else {
				r.Emit(anyModeratedOp(t))
			}
			h.verify(t)
		}
	})
}

func (h *house) verify(t *rapid.T) {
	held := map[string]bool{}
	for id := range h.desk.Shown {
		held[strings.TrimRight(id, "~")] = true
	}
	for id, p := range h.public.Shown {
		if held[strings.TrimRight(id, "~")] {
			t.Fatalf("%s is public and held\n%s", id, h)
		}
		if q := p.Quoted(); q != nil && held[strings.TrimRight(q.ID, "~")] {
			t.Fatalf("%s quotes a held post\n%s", id, h)
		}
	}
	for id, p := range h.desk.Shown {
		if q := p.Quoted(); q != nil {
			if state, _ := h.heldAt(q.ID); state == stream.Hidden {
				t.Fatalf("%s quotes a hidden post at the desk\n%s", id, h)
			}
		}
	}
}

// anyModeratedOp is about one of three posts, of which each text is its own.
func anyModeratedOp(t *rapid.T) stream.Op {
	ids := rapid.SampledFrom([]string{"A", "B", "C"})
	id := ids.Draw(t, "id")
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0, 1:
		return posted(id)
	case 2:
		return streamtest.Edited(id, fmt.Sprint(rapid.SampledFrom([]string{"spam ", "edit "}).Draw(t, "text"), id, rapid.IntRange(0, 9).Draw(t, "edit")))
	case 3:
		return streamtest.Destroyed(id)
	case 4:
		return reposted(id, "reader")
	case 5, 6, 7:
		kind := rapid.SampledFrom([]stream.Kind{stream.Hide, stream.Show, stream.Restore}).Draw(t, "decision")
		return decision(kind, rapid.SampledFrom([]string{id, "Q" + id}).Draw(t, "decided"))
	}
	return quoting("Q"+id, ids.Draw(t, "quoted"))
}
