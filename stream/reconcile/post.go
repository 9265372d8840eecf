package reconcile

import (
	"slices"

	"nagare/stream"
)

// post enters a post that came by itself, or an edit of it.
func (l *Reconciler) post(op stream.Op) {
	t, ids := op.Post, append(slices.Clone(op.Earlier), op.Post.ID)
	if slices.ContainsFunc(ids, l.tombstones.Has) {
		l.destroyAll(ids)
		return
	}
	if l.goneAuthors.Has(t.Author.Key) || t.RepostedBy != nil && l.goneAuthors.Has(t.RepostedBy.Key) {
		return
	}
	before := l.names[t.ID]
	c := l.join(ids)
	edit := op.Kind == stream.Update && len(op.Earlier) == 0 // of a post that keeps its id
	switch {
	case c == nil && l.kept(t.ID):
		if c, shown := l.addCard(t, ids); edit {
			l.emitPost(stream.Update, c, shown)
		}
	case c == nil && edit:
		l.requote(ids, t)
	case c == nil:
		c, shown := l.addCard(t, ids)
		l.emitPost(stream.Create, c, shown)
		if len(op.Earlier) > 0 {
			l.requote(ids, t)
		}
	default:
		l.name(c, ids)
		c.own = c.own || !edit // an edit alone would not have been shown
		age := c.compare(t)
		if edit && t.EditedAt.IsZero() {
			age = 0 // nobody said when: it counts as it comes
		}
		if age > 0 || age == 0 && (edit || before != c) {
			l.recordedRepost(c, t)
			l.update(c, t)
			l.requote(c.names(), t)
		}
	}
}

// enter makes a card of a post that came by itself.
func (l *Reconciler) addCard(t *stream.Post, ids []string) (*card, *stream.Post) {
	c := l.newCard(t, ids)
	c.own = true
	l.recordedRepost(c, t)
	shown := l.rendered(c, t)
	l.show(c, shown)
	return c, shown
}

// recordedRepost notes the reposters of a post that arrives with them in it, as posts
// of a recording do.
func (l *Reconciler) recordedRepost(c *card, t *stream.Post) {
	l.change(c, func() {
		c.reposts = slices.DeleteFunc(c.reposts, func(r repost) bool { return r.id == "" })
		if t.RepostedBy != nil {
			c.reposts = append(c.reposts, repost{by: t.RepostedBy, older: max(0, t.Reposts-1)})
		}
	})
}

// join finds the card of a post by any of its ids. If it has been taken for several,
// only the first is left.
func (l *Reconciler) join(ids []string) *card {
	var first *card
	for _, id := range ids {
		c := l.names[id]
		switch {
		case c == nil || c == first:
		case first == nil:
			first = c
		default:
			l.merge(first, c)
		}
	}
	return first
}

func (l *Reconciler) merge(into, from *card) {
	l.emitDestroy(from, stream.Unwanted) // its post goes on in the other card
	l.remove(from)
	l.name(into, from.names())
	into.own = into.own || from.own
	into.older += from.older
	for _, r := range from.reposts {
		l.addRepost(into, r)
	}
	l.refresh(into)
}

// destroy enters that a post, or a repost, is gone, in all its versions.
func (l *Reconciler) destroy(op stream.Op) {
	ids := append(slices.Clone(op.Earlier), op.ID)
	if c := l.reposts[op.ID]; c != nil && l.names[op.ID] == nil {
		l.tombstones.Add(op.ID)
		l.undoReposts(c, func(r repost) bool { return r.id == op.ID })
		return
	}
	if l.names[op.ID] == nil && l.kept(op.ID) {
		l.emitDestroy(&card{id: op.ID}, l.why)
	}
	l.destroyAll(ids)
}

// kill makes sure that nothing of the post is shown, now or later.
func (l *Reconciler) destroyAll(ids []string) {
	for i := 0; i < len(ids); i++ { // it grows
		c := l.names[ids[i]]
		if l.tombstones.Add(ids[i]); c != nil {
			ids = append(ids, c.names()...)
			l.emitDestroy(c, l.why)
			l.remove(c)
		}
	}
	l.unquote(ids)
}

// unquote takes posts that are dead out of those that quote them.
func (l *Reconciler) unquote(ids []string) {
	for _, id := range ids {
		for _, c := range slices.Clone(l.parts[id]) {
			l.refresh(c)
		}
	}
}
