package reconcile

import (
	"slices"

	"nagare/stream"
)

// author applies an op on an author.
func (r *Reconciler) author(op stream.Op) {
	key := op.Author.Key
	if key == "" {
		return
	}
	switch op.Kind {
	case stream.AuthorGone:
		r.authorGone(key)
	case stream.AuthorBack:
		r.goneAuthors.Remove(key)
	case stream.AuthorUpdate:
		r.authorUpdate(op.Author)
	}
}

// authorGone destroys all posts of an author. Only then does it update the posts that quote
// them, so that no update shows a destroyed post again.
func (r *Reconciler) authorGone(key string) {
	r.goneAuthors.Add(key)
	var ids []string
	for _, c := range slices.Clone(r.byPart[key]) {
		if c.author == key {
			ids = append(ids, c.ids()...)
			r.emitDestroy(c, r.why, c.ids())
			r.remove(c)
		}
	}
	for _, id := range ids {
		r.tombstones.Add(id)
	}
	for _, c := range slices.Clone(r.byPart[key]) {
		r.undoReposts(c, func(rp repost) bool { return rp.by != nil && rp.by.Key == key })
	}
	r.unquote(ids)
}

// withheld marks a post, or all posts of an author, with the countries where they are
// withheld.
func (r *Reconciler) withheld(op stream.Op) {
	var cards []*card
	if c := r.byID[r.postID(op.ID)]; c != nil {
		cards = append(cards, c)
	} else if op.Author != nil && op.Author.Key != "" {
		cards = slices.Clone(r.byPart[op.Author.Key])
	}
	for _, c := range cards {
		if c.post != nil && (op.Author == nil || c.author == op.Author.Key) {
			p := *c.post
			p.WithheldIn = c.withhold(op)
			r.update(c, &p)
		}
	}
}

// withheldIn has the countries where a post is withheld and those where its author is. A
// network reports the two independently.
type withheldIn struct{ post, author []string }

// withhold applies a Withheld op to a card. It returns all countries where the post or its
// author is withheld.
func (c *card) withhold(op stream.Op) []string {
	if c.withheld == nil {
		c.withheld = &withheldIn{post: c.post.WithheldIn}
	}
	if op.Author != nil {
		c.withheld.author = op.Where
	} else {
		c.withheld.post = op.Where
	}
	all := slices.Concat(c.withheld.post, c.withheld.author)
	slices.Sort(all)
	return slices.Compact(all)
}

// authorUpdate replaces an author in all posts that are kept in full.
func (r *Reconciler) authorUpdate(now *stream.Author) {
	for _, c := range slices.Clone(r.byPart[now.Key]) {
		if c.post == nil {
			continue
		}
		for i, rp := range c.reposts {
			if rp.by != nil && rp.by.Key == now.Key {
				c.reposts[i].by, c.reposts[i].held = now, rp.held || r.refuses(c.held, c.post, now, true)
			}
		}
		r.update(c, c.post.Renamed(now))
	}
}
