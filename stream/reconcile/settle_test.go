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
