package reconcile

import (
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// Two reconcilers share an archive. One hides a post, and an edit comes to the other one meanwhile.
func TestHold_AnEditThatCameMeanwhileReachesTheCardOfAnotherProcess(t *testing.T) {
	h := newHouse(t)
	h.reconciler(nil).Emit(posted("A"))
	lost := New(streamtest.Ignore, &h.kept) // what it emits meanwhile is not stored
	lost.Emit(posted("A"))
	h.reconciler(nil).Emit(decision(stream.Hide, "A"))
	edited := posted("A")
	edited.Kind, edited.Post.Text[0].Text, edited.Post.EditedAt = stream.Update, "new", streamtest.Recorded
	lost.Emit(edited)
	lost.emit = h.Emit
	lost.Forget("A~", false)
	if got, want := h.String(), " | A~=new"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Two reconcilers share an archive. One hides a post, before or after the other one publishes a quote of it.
func TestHold_AQuoteShowsNothingOfAPostThatAnotherProcessHides(t *testing.T) {
	for _, quotedBefore := range []bool{true, false} {
		h := newHouse(t)
		hiding, other := h.reconciler(nil), New(streamtest.Ignore, &h.kept)
		hiding.Emit(posted("A"))
		other.Emit(posted("A"))
		if quotedBefore {
			hiding.Emit(quoting("Q", "A"))
			other.Emit(quoting("Q", "A"))
		}
		other.emit = h.Emit
		hiding.Emit(decision(stream.Hide, "A"))
		if !quotedBefore {
			other.Emit(quoting("Q", "A"))
		}
		other.Forget("A~", false)
		if got, want := h.String(), "Q=Q quotes  | A~=A"; got != want {
			t.Errorf("quoted before %v: got %s, want %s", quotedBefore, got, want)
		}
		renamed := stream.Author{Key: streamtest.Person("Cy").Key, Name: "new"}
		other.Emit(stream.Op{Kind: stream.AuthorUpdate, Author: &renamed})
		if got, want := h.String(), "Q=Q quotes  | A~=A"; got != want {
			t.Errorf("quoted before %v, after a new name: got %s, want %s", quotedBefore, got, want)
		}
		h.reconciler(nil).Emit(decision(stream.Show, "A~"))
		other.Forget("A~", false)
		if got, want := h.String(), "Q=Q quotes A, A~=A | "; got != want {
			t.Errorf("quoted before %v, after the post is shown: got %s, want %s", quotedBefore, got, want)
		}
	}
}

// Another process has blocked a reposter of a post. The post stays, or is shown once its delay is over.
func TestHold_ABlockInAnotherProcessHidesNoPostThatTheAuthorReposted(t *testing.T) {
	for name, policy := range map[string]Policy{"public": nil, "delayed": delayed} {
		h := newHouse(t)
		r := h.reconciler(policy)
		r.Emit(posted("A"))
		r.Emit(reposted("A", "Spam"))
		r.Moderate(noSpammers)
		r.Rejudge(r.EmittedWithin(time.Hour))
		r.Release("A", stream.Decision{Why: "delay", At: time.Now()})
		if got, want := h.String(), "A=A | "; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// Two cards turn out to be versions of one post, which is hidden if one of them is.
func TestHold_VersionsOfAHiddenPostAreHidden(t *testing.T) {
	for _, policy := range []Policy{nil, queued} {
		for _, hidden := range []string{"A", "B"} {
			for _, full := range []int{1, fullPosts} {
				h := newHouse(t)
				r := h.reconciler(policy)
				for _, op := range []stream.Op{posted("A"), posted("B"), decision(stream.Hide, hidden)} {
					r.Emit(op)
				}
				r.limits.full = full
				r.Emit(posted("C")) // now A or B may be known by its ids only
				if full == 1 {
					h.kept.cards = nil
				}
				r.Emit(streamtest.Version("B", "A"))
				for _, p := range h.public.Shown {
					if text := stream.PlainText(p.Text); text != "C" {
						t.Errorf("%s is hidden, memory for %d: %q is public", hidden, full, text)
					}
				}
				for id, p := range h.desk.Shown {
					if c := r.byID[firstID(id)]; stream.PlainText(p.Text) != "C" && c.held != stream.Hidden {
						t.Errorf("%s is hidden, memory for %d: %s is %q at the desk", hidden, full, id, c.held)
					}
				}
			}
		}
	}
}
