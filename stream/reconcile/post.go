package reconcile

import (
	"slices"

	"nagare/stream"
)

// post applies a post that arrives by itself, or an edit of it.
func (r *Reconciler) post(op stream.Op) {
	p, ids := op.Post, append(slices.Clone(op.Earlier), op.Post.ID)
	if !r.admits(p, ids) {
		return
	}
	before := r.byID[p.ID]
	switch c := r.join(ids); {
	case c != nil:
		r.addIDs(c, ids)
		r.addVersion(c, op, c == before)
	case r.shown[p.ID]:
		if c := r.addCard(p, ids); isEdit(op) {
			r.emitPost(stream.Update, c, c.post)
		}
	case isEdit(op):
		r.requote(ids, p, true)
	default:
		r.create(r.ownCard(p, ids), p)
		r.requote(ids, p, op.Kind == stream.Update)
	}
}

// isEdit reports whether op is an edit of a post that keeps its id.
func isEdit(op stream.Op) bool { return op.Kind == stream.Update && len(op.Earlier) == 0 }

// admits reports whether a post with these ids can be shown. If any version of the post was
// destroyed, admits destroys the others.
func (r *Reconciler) admits(p *stream.Post, ids []string) bool {
	if slices.ContainsFunc(ids, r.tombstones.Has) {
		r.destroyAll(ids)
		return false
	}
	return !r.goneAuthors.Has(p.Author.Key) && (p.RepostedBy == nil || !r.goneAuthors.Has(p.RepostedBy.Key))
}

// addVersion applies a post that arrived by itself, or an edit of it, to its card. Known says
// that the card had the id of this version before.
func (r *Reconciler) addVersion(c *card, op stream.Op, known bool) {
	p, edit, own := op.Post, isEdit(op), c.own
	c.own = own || !edit // an edit alone doesn't create a card
	age := c.compare(p)
	if edit && p.EditedAt.IsZero() {
		age = 0 // without an edit time, the last one to arrive wins
	}
	switch {
	case age > 0, age == 0 && (edit || !known):
		r.recordedRepost(c, p)
		c.unquoted = false
		r.update(c, p)
		r.requote(c.ids(), p, op.Kind == stream.Update)
	case c.own != own && c.post != nil && r.keepsState():
		r.emitPost(stream.Update, c, c.post) // only for the archive
	}
	if c.own != own {
		r.judgeReposted(c, p)
	}
}

// ownCard adds a card for a post that arrived by itself, without its content.
func (r *Reconciler) ownCard(p *stream.Post, ids []string) *card {
	c := r.newCard(p, ids)
	c.own = true
	r.recordedRepost(c, p)
	return c
}

// addCard adds a card for a post that was shown before, although memory didn't know it.
func (r *Reconciler) addCard(p *stream.Post, ids []string) *card {
	c := r.ownCard(p, ids)
	r.show(c, r.rendered(c, p))
	return c
}

// recordedRepost notes the reposters that p itself names, as posts of a recording do.
func (r *Reconciler) recordedRepost(c *card, p *stream.Post) {
	recorded := repost{by: p.RepostedBy, older: int32(max(0, p.Reposts-1))}
	recorded.held = r.refuses(c.held, c.post, p.RepostedBy, c.isReposter(p.RepostedBy, p.Source))
	r.change(c, func() {
		c.reposts = slices.DeleteFunc(c.reposts, func(rp repost) bool { return rp.id == "" })
		if p.RepostedBy != nil {
			c.reposts = append(c.reposts, recorded)
		}
	})
}

// join returns the card that has any of the ids of a post, or nil. If several cards do, it
// merges them.
func (r *Reconciler) join(ids []string) *card {
	var first *card
	for _, id := range ids {
		c := r.byID[id]
		switch {
		case c == nil || c == first:
		case first == nil:
			first = c
		default:
			first = r.merge(first, c)
		}
	}
	return first
}

// merge makes two cards of one post one card, and returns it. If one is hidden, both are: then the hidden card
// is destroyed last, so that no crash leaves only the public one. A card whose content is no longer known can't
// be hidden, so the other one remains.
func (r *Reconciler) merge(into, from *card) *card {
	hides := from.held == stream.Hidden && into.held != stream.Hidden
	if hides && into.post == nil {
		into, from, hides = from, into, false
	}
	if !hides {
		r.emitDestroy(from, stream.Unwanted, nil) // the post is still shown, in the other card
	}
	r.remove(from)
	r.addIDs(into, from.ids())
	into.own = into.own || from.own
	if hides {
		r.move(into, into.post, from.held, from.decided())
		r.emitDestroy(from, stream.Unwanted, nil)
	}
	if from.held != into.held {
		r.reconsider(into)
	}
	into.droppedReposts += from.droppedReposts
	for _, rp := range from.reposts {
		r.addRepost(into, rp)
	}
	r.refresh(into)
	return into
}

// destroy applies a Destroy of a post, with all its versions, or of a repost.
func (r *Reconciler) destroy(op stream.Op) {
	op.ID = r.postID(op.ID)
	ids := append(slices.Clone(op.Earlier), op.ID)
	if c := r.byRepost[op.ID]; c != nil && r.byID[op.ID] == nil {
		r.tombstones.Add(op.ID)
		r.undoReposts(c, func(rp repost) bool { return rp.id == op.ID })
		return
	}
	if r.byID[op.ID] == nil && r.shown[op.ID] {
		r.emitDestroy(&card{id: op.ID, name: op.ID}, r.why, ids)
	}
	r.destroyAll(ids)
}

// destroyAll removes the post with these ids, and makes sure that it is never shown again.
func (r *Reconciler) destroyAll(ids []string) {
	given := len(ids)
	for i := 0; i < len(ids); i++ { // ids grows meanwhile
		c := r.byID[ids[i]]
		if r.tombstones.Add(ids[i]); c != nil {
			ids = append(ids, c.ids()...)
			r.emitDestroy(c, r.why, c.ids())
			r.remove(c)
		}
	}
	if r.archive != nil && len(ids) > given { // posts can also quote a version that the op doesn't name
		r.restore(r.archive.Find(ids[given:]...))
	}
	r.unquote(ids)
}

// unquote removes destroyed posts from the posts that quote them.
func (r *Reconciler) unquote(ids []string) {
	for _, id := range ids {
		for _, c := range slices.Clone(r.byPart[id]) {
			r.refresh(c)
		}
	}
}
