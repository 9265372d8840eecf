package reconcile

import (
	"cmp"
	"slices"

	"nagare/stream"
)

// repost applies a repost. If the post has a card, the card keeps its place, and the repost
// becomes an update of the card. Otherwise the post gets a card.
func (r *Reconciler) repost(op stream.Op) {
	p, ids := op.Post, append(slices.Clone(op.Earlier), op.Post.ID)
	if !r.admits(p, ids) || r.tombstones.Has(op.ID) {
		return
	}
	c := r.join(ids)
	if c == nil && r.shown[p.ID] {
		c = r.addCard(withoutReposts(p), []string{p.ID})
	}
	if c != nil {
		r.addIDs(c, ids)
	}
	switch by := (repost{id: op.ID, by: p.RepostedBy}); {
	case r.byRepost[op.ID] != nil:
	case c != nil:
		r.updateReposted(c, p, by)
	default:
		c = r.newCard(p, ids)
		r.addRepost(c, by)
		r.create(c, p)
		r.requote(ids, p, false)
	}
}

// updateReposted adds a repost to the card of a post. The repost can bring a newer version p of
// the post. If it doesn't, the update can wait for further reposts.
func (r *Reconciler) updateReposted(c *card, p *stream.Post, by repost) {
	by.held = r.refuses(c.held, cmp.Or(c.post, p), by.by, false)
	r.addRepost(c, by)
	age := c.compare(p)
	if c.post != nil && age <= 0 {
		p, age = c.post, 0
	}
	if p != c.post {
		c.unquoted = false
	}
	if age > 0 || age == 0 && !c.canWait() {
		r.update(c, p)
	}
	if age > 0 {
		r.requote(c.ids(), p, false)
	}
	if !by.held {
		r.judgeReposted(c, p)
	}
}

// addRepost adds a repost to a card. If the card has mostReposts already, the oldest is
// dropped.
func (r *Reconciler) addRepost(c *card, rp repost) {
	r.change(c, func() {
		if len(c.reposts) >= mostReposts {
			oldest := c.reposts[0]
			delete(r.byRepost, oldest.id)
			c.reposts = slices.Delete(c.reposts, 0, 1)
			if c.droppedReposts += int(oldest.older); !oldest.held {
				c.droppedReposts++
			}
		}
		c.reposts = append(c.reposts, rp)
	})
	if c.pendingReposts++; rp.id != "" {
		r.byRepost[rp.id] = c
	}
}

// canWait reports whether the card's reposts can be emitted together with the next ones.
func (c *card) canWait() bool {
	_, people := c.reposters()
	return people > fewReposts && c.pendingReposts < fewReposts
}

// undoReposts removes the reposts that match which from a card. If no repost is left, and the
// post has not arrived by itself, the card is destroyed. The post then gets no tombstone: if
// it arrives again, it is shown under a new id. A hidden card stays, because the decision of the moderator
// is about all further reposts too.
func (r *Reconciler) undoReposts(c *card, which func(repost) bool) {
	if r.byID[c.name] != c {
		return // the card has been removed
	}
	var undone []string
	r.change(c, func() {
		c.reposts = slices.DeleteFunc(c.reposts, func(rp repost) bool {
			if which(rp) {
				delete(r.byRepost, rp.id)
				if rp.id != "" {
					undone = append(undone, rp.id)
				}
				return true
			}
			return false
		})
	})
	if c.own = c.own || c.held == stream.Hidden; c.own || len(c.reposts) > 0 {
		r.refresh(c)
		return
	}
	r.emitDestroy(c, r.why.WithoutRepost(), undone)
	r.usedIDs.Add(c.id)
	r.remove(c)
}
