package reconcile

import (
	"slices"

	"nagare/stream"
)

// mayShow reports whether a card may show the post of that id in a quote. The public sees nothing of a
// post that is held, and nobody sees a hidden one there.
func (r *Reconciler) mayShow(in *card, id string) bool {
	c := r.byID[id]
	return c == nil || c.held == "" || c.held == stream.Pending && in.held != ""
}

// reconsider updates the cards that quote a post whose state has changed: they lose the quote if they
// may not show the post, and get it back once they may.
func (r *Reconciler) reconsider(c *card) {
	if r.archive != nil { // an op can name the post by an id by which the archive finds no quote
		r.restore(r.archive.Find(c.ids()...))
	}
	for _, id := range c.ids() {
		for _, quoting := range slices.Clone(r.byPart[id]) {
			p := quoting.post
			if p == nil {
				continue
			}
			if quoting.unquoted && p.Quote != nil && p.Quote.ID == id && c.post != nil && r.mayShow(quoting, id) {
				again := *p
				again.Quote = &stream.Quote{ID: id, URL: c.post.URL, Post: inQuote(c.post)}
				again.Quote.Post.ID = id
				p = &again
			}
			r.update(quoting, p)
		}
	}
}

// judgeReposts asks the policy again about all reposts of an author.
func (r *Reconciler) judgeReposts(key string) {
	for _, c := range slices.Clone(r.byPart[key]) {
		if c.post != nil {
			r.judgeRepostsOf(c, func(rp repost) bool { return rp.by != nil && rp.by.KeyAt(c.post.Source) == key })
		}
		r.refresh(c)
	}
}

// judgeRepostsOf asks the policy again about the reposts of a card that match which.
func (r *Reconciler) judgeRepostsOf(c *card, which func(repost) bool) {
	for i, rp := range c.reposts {
		if which(rp) {
			c.reposts[i].held = r.refuses(c.held, c.post, rp.by, !rp.held)
		}
	}
}

func anyRepost(repost) bool { return true }

// judgeReposted shows a card that is held only because of its reposters, now that the post p, or a repost
// that nothing is held against, has arrived: as if that had come first. The card doesn't name the others.
func (r *Reconciler) judgeReposted(c *card, p *stream.Post) {
	if c.held == "" || c.post == nil || c.decided().By != "" {
		return
	}
	bare := withoutReposts(c.post)
	if p.Quote != nil {
		bare.Quote = p.Quote // also one that the card may not show
	}
	held, decision := r.judge(bare, &stream.Post{}) // limits for new posts don't count it again
	if held == c.held || held == stream.Hidden || !r.isHeldForReposter(c, bare) {
		return
	}
	reposts, remain := slices.Clone(c.reposts), c.own
	for i, rp := range reposts {
		reposts[i].held = r.refuses(held, bare, rp.by, false)
		remain = remain || !reposts[i].held
	}
	if remain {
		c.reposts = reposts
		r.move(c, c.post, held, decision)
	}
}

// isHeldForReposter reports whether the policy holds a card because of a reposter. p is its post without them.
func (r *Reconciler) isHeldForReposter(c *card, p *stream.Post) bool {
	return slices.ContainsFunc(c.reposts, func(rp repost) bool {
		reposted := *p
		reposted.RepostedBy = rp.by
		held, decision := r.judge(&reposted, &stream.Post{})
		return !rp.held && held == c.held && decision.Why == c.decided().Why
	})
}

// isReposter reports whether the card of a post from a network names or counts a reposter.
func (c *card) isReposter(by *stream.Author, network string) bool {
	return by != nil && slices.ContainsFunc(c.reposts, func(rp repost) bool {
		return rp.by != nil && rp.by.KeyAt(network) == by.KeyAt(network) && !rp.held
	})
}

// refuses reports whether a card in a state must not name a reposter: the policy would hold the post with that
// name. On a card that waits, moderators see the name, and approve it with the post. Named says that the card
// names the reposter already, perhaps by another name.
func (r *Reconciler) refuses(state stream.Held, p *stream.Post, by *stream.Author, named bool) bool {
	if r.policy == nil || by == nil || p == nil {
		return false
	}
	before, after := withoutReposts(p), withoutReposts(p)
	after.RepostedBy = by
	if named {
		before.RepostedBy = by
	}
	held, _ := r.policy(after, before)
	return held == stream.Hidden || held == stream.Pending && state != stream.Pending
}
