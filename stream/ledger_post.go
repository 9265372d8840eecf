package stream

import "slices"

// post enters a post that came by itself, or an edit of it.
func (l *Ledger) post(op Op) {
	t, ids := op.Post, append(slices.Clone(op.Earlier), op.Post.ID)
	if slices.ContainsFunc(ids, l.dead.has) {
		l.kill(ids)
		return
	}
	if l.gone.has(t.Author.Key) || t.RepostedBy != nil && l.gone.has(t.RepostedBy.Key) {
		return
	}
	before := l.names[t.ID]
	c := l.join(ids)
	edit := op.Kind == Update && len(op.Earlier) == 0 // of a post that keeps its id
	switch {
	case c == nil && l.kept(t.ID):
		if c, shown := l.enter(t, ids); edit {
			l.say(Update, c, shown)
		}
	case c == nil && edit:
	case c == nil:
		c, shown := l.enter(t, ids)
		l.say(Create, c, shown)
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
		}
	}
}

// enter makes a card of a post that came by itself.
func (l *Ledger) enter(t *Post, ids []string) (*card, *Post) {
	c := l.newCard(t, ids)
	c.own = true
	l.recordedRepost(c, t)
	shown := l.dressed(c, t)
	l.show(c, shown)
	return c, shown
}

// recordedRepost notes the reposters of a post that arrives with them in it, as posts
// of a recording do.
func (l *Ledger) recordedRepost(c *card, t *Post) {
	l.change(c, func() {
		c.reposts = slices.DeleteFunc(c.reposts, func(r repost) bool { return r.id == "" })
		if t.RepostedBy != nil {
			c.reposts = append(c.reposts, repost{by: t.RepostedBy, older: max(0, t.Reposts-1)})
		}
	})
}

// join finds the card of a post by any of its ids. If it has been taken for several,
// only the first is left.
func (l *Ledger) join(ids []string) *card {
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

func (l *Ledger) merge(into, from *card) {
	l.end(from.id, Unwanted) // its post goes on in the other card
	l.remove(from)
	l.name(into, from.names())
	into.own = into.own || from.own
	into.older += from.older
	for _, r := range from.reposts {
		l.bring(into, r)
	}
	l.refresh(into)
}

// destroy enters that a post, or a repost, is gone, in all its versions.
func (l *Ledger) destroy(op Op) {
	ids := append(slices.Clone(op.Earlier), op.ID)
	if c := l.reposts[op.ID]; c != nil && l.names[op.ID] == nil {
		l.dead.add(op.ID)
		l.takeBack(c, func(r repost) bool { return r.id == op.ID })
		return
	}
	if l.names[op.ID] == nil && l.kept(op.ID) {
		l.end(op.ID, l.why)
	}
	l.kill(ids)
}

// kill makes sure that nothing of the post is shown, now or later.
func (l *Ledger) kill(ids []string) {
	for i := 0; i < len(ids); i++ { // it grows
		c := l.names[ids[i]]
		if l.dead.add(ids[i]); c != nil {
			ids = append(ids, c.names()...)
			l.end(c.id, l.why)
			l.remove(c)
		}
	}
	l.unquote(ids)
}

// unquote takes posts that are dead out of those that quote them.
func (l *Ledger) unquote(ids []string) {
	for _, id := range ids {
		for _, c := range slices.Clone(l.parts[id]) {
			l.refresh(c)
		}
	}
}
