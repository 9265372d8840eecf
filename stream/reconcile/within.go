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
		for i, rp := range c.reposts {
			if c.post != nil && rp.by != nil && rp.by.Key == key {
				c.reposts[i].held = r.refuses(c, c.post, rp.by, !rp.held)
			}
		}
		r.refresh(c)
	}
}

// isReposter reports whether the card names or counts a reposter.
func (c *card) isReposter(by *stream.Author) bool {
	return by != nil && slices.ContainsFunc(c.reposts, func(rp repost) bool { return rp.by != nil && rp.by.Key == by.Key && !rp.held })
}

// refuses reports whether a card may not name a reposter: the policy would hold the post with that name.
// On a card that waits, moderators see the name, and approve it with the post. Named says that the card
// names the reposter already, perhaps by another name.
func (r *Reconciler) refuses(c *card, p *stream.Post, by *stream.Author, named bool) bool {
	if r.policy == nil || by == nil || p == nil {
		return false
	}
	before, after := withoutReposts(p), withoutReposts(p)
	after.RepostedBy = by
	if named {
		before.RepostedBy = by
	}
	held, _ := r.policy(after, before)
	return held == stream.Hidden || held == stream.Pending && c.held != stream.Pending
}
