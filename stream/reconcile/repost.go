package reconcile

import (
	"slices"

	"nagare/stream"
)

// repost applies a repost. A post that is shown keeps its card and its place: the
// repost becomes an update of it. A post that isn't gets a card.
func (l *Reconciler) repost(op stream.Op) {
	t, by := op.Post, repost{id: op.ID, by: op.Post.RepostedBy}
	switch {
	case l.tombstones.Has(op.ID), l.tombstones.Has(t.ID), l.goneAuthors.Has(t.Author.Key), by.by != nil && l.goneAuthors.Has(by.by.Key):
		return
	}
	c := l.names[t.ID]
	if c == nil && l.kept(t.ID) {
		inner := *t
		inner.RepostedBy, inner.Reposts = nil, 0
		c, _ = l.addCard(&inner, []string{t.ID})
	}
	switch {
	case l.reposts[op.ID] != nil:
	case c != nil:
		l.addRepost(c, by)
		age := c.compare(t)
		if c.post != nil && age <= 0 {
			t, age = c.post, 0
		}
		if age > 0 || age == 0 && !c.countsOn() {
			l.update(c, t)
		}
		if age > 0 {
			l.requote(c.names(), t)
		}
	default:
		c = l.newCard(t, []string{t.ID})
		l.addRepost(c, by)
		shown := l.rendered(c, t)
		l.show(c, shown)
		l.emitPost(stream.Create, c, shown)
	}
}

// bring adds a repost to a card. If there are too many, the oldest is dropped.
func (l *Reconciler) addRepost(c *card, r repost) {
	l.change(c, func() {
		if len(c.reposts) >= mostReposts {
			oldest := c.reposts[0]
			delete(l.reposts, oldest.id)
			c.reposts = slices.Delete(c.reposts, 0, 1)
			c.older += 1 + oldest.older
		}
		c.reposts = append(c.reposts, r)
	})
	if c.untold++; r.id != "" {
		l.reposts[r.id] = c
	}
}

// countsOn tells whether the card's reposts can wait for the next ones.
func (c *card) countsOn() bool {
	_, people := c.reposters()
	return people > fewReposts && c.untold < fewReposts
}

// takeBack undoes reposts. A card that nothing else has brought goes; but its post
// isn't dead, and may come again, under another id, for this one was destroyed.
func (l *Reconciler) undoReposts(c *card, which func(repost) bool) {
	if l.names[c.name] != c {
		return // forgotten meanwhile
	}
	l.change(c, func() {
		c.reposts = slices.DeleteFunc(c.reposts, func(r repost) bool {
			if which(r) {
				delete(l.reposts, r.id)
				return true
			}
			return false
		})
	})
	if c.own || len(c.reposts) > 0 {
		l.refresh(c)
		return
	}
	l.emitDestroy(c, l.why.WithoutRepost())
	l.withdrawn.Add(c.id)
	l.remove(c)
}
