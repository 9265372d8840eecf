package reconcile

import (
	"fmt"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// trusting holds posts and reposts for approval, except those of Cy.
func trusting(p, before *stream.Post) (stream.Held, stream.Decision) {
	if by := p.RepostedBy; by != nil && by.Name != "Cy" && (before == nil || before.RepostedBy == nil) {
		return stream.Pending, stream.Decision{Why: "approval"}
	}
	if p.Author.Name == "Cy" || before != nil && stream.PlainText(p.Text) == stream.PlainText(before.Text) {
		return "", stream.Decision{}
	}
	return stream.Pending, stream.Decision{Why: "approval"}
}

// noSpammers hides posts that show the name of a spammer, or the word.
func noSpammers(p, before *stream.Post) (stream.Held, stream.Decision) {
	for _, a := range (stream.Op{Post: p}).Authors() {
		if a.Name == "Spam" {
			return stream.Hidden, stream.Decision{Why: "rule: spam"}
		}
	}
	return noSpam(p, before)
}

// heldStory is what happens to posts, and what both audiences then see.
type heldStory struct {
	name   string
	policy Policy
	ops    []stream.Op
	want   string
}

// tellHeld tells the stories without and with a restart after each op, and with few posts in memory.
func tellHeld(t *testing.T, stories []heldStory) {
	for _, s := range stories {
		for _, full := range []int{1, fullPosts} {
			t.Run(fmt.Sprint(s.name, full), func(t *testing.T) {
				h, restarted := newHouse(t), newHouse(t)
				r := h.reconciler(s.policy)
				r.limits.full = full
				for _, op := range s.ops {
					r.Emit(op)
					again := restarted.reconciler(s.policy)
					again.limits.full = full
					again.Emit(op)
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
}

func TestHold_APublicCardShowsNothingOfAnotherPostThatIsHeld(t *testing.T) {
	a, q, edited := posted("A"), quoting("Q", "A"), streamtest.Edited("A", "new")
	hide, show := decision(stream.Hide, "A"), decision(stream.Show, "A")
	tellHeld(t, []heldStory{
		{"quoted while it waits", trusting, []stream.Op{a, q}, "Q=Q quotes  | A=A"},
		{"quoted before it waits", trusting, []stream.Op{q, a}, "Q=Q quotes  | A=A"},
		{"quoted, refused", trusting, []stream.Op{a, q, hide}, "Q=Q quotes  | A=A"},
		{"quoted, approved", trusting, []stream.Op{a, q, show}, "Q=Q quotes A, A=A | "},
		{"quoted, approved, edited", trusting, []stream.Op{a, q, show, edited}, "Q=Q quotes  | A~=new"},
		{"quoted, approved, edited, approved", trusting, []stream.Op{a, q, show, edited, decision(stream.Show, "A~")}, "Q=Q quotes new, A~=new | "},
		{"quoted, approved, the approval is undone", trusting, []stream.Op{a, q, show, restored("A")}, "Q=Q quotes  | A~=A"},
		{"quoted, hidden, shown, hidden", nil, []stream.Op{a, q, hide, decision(stream.Show, "A~"), decision(stream.Hide, "A~")}, "Q=Q quotes  | A~~=A"},
		{"quoted, then against a rule", noSpam, []stream.Op{q, spam(posted("A"))}, "Q=Q quotes  | A=spam"},
		{"quoted, then edited into a rule", noSpam, []stream.Op{a, q, streamtest.Edited("A", "spam")}, "Q=Q quotes  | A~=spam"},
		{"quoted while it waits, then edited into a rule", trusting, []stream.Op{a, q, hide, streamtest.Edited("A", "spam")}, "Q=Q quotes  | A=spam"},
		{"the quote was detached while the post waited", trusting, []stream.Op{a, q, detached("Q"), show}, "Q=detached quotes , A=A | "},
		{"both wait", queued, []stream.Op{a, q}, " | A=A, Q=Q quotes A"},
		{"the quoting post is approved first", queued, []stream.Op{a, q, decision(stream.Show, "Q")}, "Q=Q quotes  | A=A"},
		{"both are approved", trusting, []stream.Op{a, byAnn(quoting("Q", "A")), decision(stream.Show, "Q"), show}, "Q=Q quotes A, A=A | "},
		{"the post of a spammer, then its quote", noSpammers, []stream.Op{bySpammer(posted("A")), bySpammer(quoting("Q", "A"))}, " | A=A, Q=Q quotes "},
		{"the quote of a spammer's post, then the post", noSpammers, []stream.Op{bySpammer(quoting("Q", "A")), bySpammer(posted("A"))}, " | Q=Q quotes , A=A"},
	})
}

func TestHold_APublicCardNamesNoReposterThatThePolicyRefuses(t *testing.T) {
	a, hide, show := posted("A"), decision(stream.Hide, "A"), decision(stream.Show, "A")
	renamed := stream.Op{Kind: stream.AuthorUpdate, Author: &stream.Author{Key: streamtest.Person("Ben").Key, Name: "Spam"}}
	tellHeld(t, []heldStory{
		{"a reposter who waits", trusting, []stream.Op{a, show, reposted("A", "Ben")}, "A=A | "},
		{"a reposter who needn't wait", trusting, []stream.Op{a, show, reposted("A", "Cy")}, "A=A reposted by Cy | "},
		{"a reposter, approved with the post", trusting, []stream.Op{a, reposted("A", "Ben"), show}, "A=A reposted by Ben | "},
		{"a reposter against a rule", noSpammers, []stream.Op{a, reposted("A", "Spam")}, "A=A | "},
		{"a reposter against a rule, while the post waits", noSpammers, []stream.Op{a, hide, reposted("A", "Spam"), show}, "A~=A | "},
		{"a reposter with a new name", noSpammers, []stream.Op{a, reposted("A", "Ben"), renamed}, "A=A | "},
		{"a repost by a spammer comes first", noSpammers, []stream.Op{reposted("A", "Spam")}, " | A=A reposted by Spam"},
		{"a repost by a spammer comes first, then the post", noSpammers, []stream.Op{reposted("A", "Spam"), a}, "A=A | "},
		{"a repost by a spammer comes first, then another", noSpammers, []stream.Op{reposted("A", "Spam"), streamtest.Reposted("S", "A", "Ben")}, "A=A reposted by Ben | "},
		{"a repost by a spammer comes first, then the post, against a rule", noSpammers, []stream.Op{spam(reposted("A", "Spam")), spam(posted("A"))}, " | A=spam reposted by Spam"},
		{"a repost by a spammer, refused, then the post", noSpammers, []stream.Op{reposted("A", "Spam"), show, hide, a}, " | A~=A reposted by Spam"},
		{"a reposter who waits comes first", trusting, []stream.Op{byCy(reposted("A", "Ben")), byCy(posted("A"))}, "A=A | "},
	})
}

// detached is an edit after which the post doesn't show the quoted one any more, as its author wants.
func detached(id string) stream.Op {
	op := streamtest.Edited(id, "detached")
	op.Post.Author, op.Post.Quote = streamtest.Person("Cy"), &stream.Quote{ID: "A"}
	return op
}

// spam changes the words of a post.
func spam(op stream.Op) stream.Op {
	op.Post.Text[0].Text = "spam"
	return op
}

// bySpammer makes a spammer the author of a post or, if it quotes another one, of that one.
func bySpammer(op stream.Op) stream.Op {
	if p := op.Post.Quoted(); p != nil {
		p.Author = streamtest.Person("Spam")
	} else {
		op.Post.Author = streamtest.Person("Spam")
	}
	return op
}

func byCy(op stream.Op) stream.Op {
	op.Post.Author = streamtest.Person("Cy")
	return op
}

func byAnn(op stream.Op) stream.Op {
	op.Post.Author = *ann()
	return op
}

// A post that many newer ones have followed was approved. It stays public when it is reposted, also if the
// store has dropped it.
func TestHold_ARepostOfAnOldApprovedPostLeavesItPublic(t *testing.T) {
	for _, dropped := range []bool{false, true} {
		h := newHouse(t)
		r := h.reconciler(trusting)
		r.limits.full = 1
		for _, op := range []stream.Op{posted("A"), decision(stream.Show, "A"), posted("B")} {
			r.Emit(op)
		}
		if dropped {
			delete(h.kept.cards, "A")
		}
		r.Emit(reposted("A", "Cy"))
		if got, want := h.String(), "A=A reposted by Cy | B=B"; got != want {
			t.Errorf("dropped by the store %v: got %s, want %s", dropped, got, want)
		}
	}
}

// An edit without an edit time of a post that the store has dropped says something else.
func TestHold_AnEditOfAnOldApprovedPostWaits(t *testing.T) {
	for _, dropped := range []bool{false, true} {
		h := newHouse(t)
		r := h.reconciler(trusting)
		r.limits.full = 1
		for _, op := range []stream.Op{posted("A"), decision(stream.Show, "A"), posted("B")} {
			r.Emit(op)
		}
		if dropped {
			delete(h.kept.cards, "A")
		}
		r.Emit(streamtest.Edited("A", "new"))
		if got, want := h.String(), " | B=B, A~=new"; got != want {
			t.Errorf("dropped by the store %v: got %s, want %s", dropped, got, want)
		}
	}
}

func TestHold_ABlockRemovesTheNameOfTheAuthorFromPostsThatTheyReposted(t *testing.T) {
	h := newHouse(t)
	h.reconciler(nil).Emit(posted("A"))
	h.reconciler(nil).Emit(reposted("A", "Spam"))
	spammer := streamtest.Person("Spam")
	h.reconciler(noSpammers).Emit(stream.Op{Kind: stream.Hide, Author: &spammer})
	if got, want := h.String(), "A=A | "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	h.reconciler(noSpam).Emit(stream.Op{Kind: stream.Restore, Author: &spammer})
	if got, want := h.String(), "A=A reposted by Spam | "; got != want {
		t.Errorf("after the block got %s, want %s", got, want)
	}
}

func TestHold_AReposterWithoutAKeyIsKnownByTheirHandle(t *testing.T) {
	h := newHouse(t)
	r := h.reconciler(nil)
	op := reposted("A", "Spam")
	op.Post.RepostedBy.Key, op.Post.RepostedBy.Handle = "", "spam"
	r.Emit(posted("A"))
	r.Emit(op)
	r.Moderate(noSpammers)
	r.Emit(stream.Op{Kind: stream.Hide, Author: &stream.Author{Key: op.Post.RepostedBy.KeyAt(op.Post.Source)}})
	if got, want := h.String(), "A=A | "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
