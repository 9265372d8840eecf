package reconcile

import (
	"reflect"
	"slices"
	"time"

	"nagare/stream"
)

// Policy decides whether a post is held: shown to moderators only. It is asked about each new card,
// and about each card whose content has changed; before is then the earlier content. It is not asked
// again about a card that is hidden. A policy must not call the reconciler, nor change a post.
type Policy func(post, before *stream.Post) (stream.Held, stream.Decision)

// Moderate sets the policy for all posts that arrive from now on.
func (r *Reconciler) Moderate(p Policy) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.policy = p
}

func (r *Reconciler) judge(p, before *stream.Post) (stream.Held, stream.Decision) {
	if r.policy == nil {
		return "", stream.Decision{}
	}
	return r.policy(p, before)
}

// judgeEdit judges a card that is to show p. It reports whether the card is held from now on, or for
// another reason. A card that waits begins to wait again, or is hidden. After an edit that is held,
// the earlier state of the card no longer applies. If the earlier content is no longer known, only an op that
// is no edit brings the same content.
func (r *Reconciler) judgeEdit(c *card, p *stream.Post) (held stream.Held, decision stream.Decision, changed bool) {
	if r.policy == nil || sameContent(p, c.post) || c.post == nil && c.compare(p) == 0 && !r.edits {
		return "", stream.Decision{}, false
	}
	if c.held == stream.Hidden { // it stays so; what was approved before the edit isn't what would be shown
		c.earlier = nil
		return "", stream.Decision{}, false
	}
	before := &stream.Post{} // unknown; limits for new posts don't count it
	if c.post != nil {
		before = withoutReposts(c.post)
		if quoted := r.quotedCard(p); quoted != nil && quoted.held == "" {
			before.Quote = p.Quote // it is public by itself
		}
	}
	if held, decision = r.policy(withoutReposts(p), before); held != "" {
		c.earlier = nil
	}
	return held, decision, held != ""
}

// quotedCard returns the card of the post that p shows in a quote, or nil.
func (r *Reconciler) quotedCard(p *stream.Post) *card {
	if p.Quoted() == nil {
		return nil
	}
	return r.byID[p.Quote.ID]
}

// sameContent reports whether two versions of a post say the same. Votes, reposts and the like may
// differ.
func sameContent(a, b *stream.Post) bool {
	if a == nil || b == nil {
		return a == b
	}
	return reflect.DeepEqual(contentOf(a), contentOf(b))
}

func contentOf(p *stream.Post) stream.Post {
	c := *p
	c.ID, c.RepostedBy, c.RepostID, c.Reposts, c.WithheldIn, c.Late = "", nil, "", 0, nil, false
	c.EditedAt, c.Revised = time.Time{}, time.Time{}
	if c.Poll != nil {
		poll := *c.Poll
		poll.Options, poll.Closed, poll.Voters = slices.Clone(poll.Options), false, 0
		for i := range poll.Options {
			poll.Options[i].Votes = nil
		}
		c.Poll = &poll
	}
	return c
}
