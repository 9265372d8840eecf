package reconcile

import (
	"slices"
	"time"

	"nagare/stream"
)

// locked calls do, which may change cards, and emits the resulting ops.
func (r *Reconciler) locked(do func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.out)
	r.at, r.why, r.edits, r.out = time.Now(), "", false, r.out[:0]
	do()
	r.evict()
	for _, op := range r.out {
		if err := r.emit(op); err != nil {
			return err
		}
	}
	return nil
}

// create emits a new card, which shows p. The policy also sees a quoted post that the card may not show, so
// that it decides the same in whatever order the two posts come.
func (r *Reconciler) create(c *card, p *stream.Post) {
	if r.policy != nil {
		judged := r.rendered(c, p)
		judged.Quote = p.Quote
		c.hold(r.policy(judged, nil))
	}
	shown := r.rendered(c, p)
	r.show(c, shown)
	r.emitPost(stream.Create, c, shown)
	if c.held != "" {
		r.reconsider(c)
	}
}

// heldState says whether a card is held, and what decided that.
type heldState struct {
	Held     stream.Held     `json:"held,omitempty"`
	Decision stream.Decision `json:"decision,omitzero"`
}

// decide applies a Hide, a Show or a Restore.
func (r *Reconciler) decide(op stream.Op) {
	for _, c := range r.cardsOf(op) {
		switch {
		case op.Kind == stream.Hide && c.post == nil: // nothing is left that could be shown again
			r.emitDestroy(c, stream.ByModerator, c.ids())
			for _, id := range c.ids() {
				r.tombstones.Add(id)
			}
			r.remove(c)
		case op.Kind == stream.Restore:
			r.undecide(c, op.Decision)
		default:
			before := heldState{c.held, c.decided()}
			c.earlier = &before // move emits it
			r.move(c, c.post, heldBy(op.Kind), op.Decision)
		}
	}
	if op.Author != nil {
		r.judgeReposts(op.Author.Key)
	}
}

func heldBy(kind stream.Kind) stream.Held {
	if kind == stream.Hide {
		return stream.Hidden
	}
	return ""
}

// undecide returns a card to the state that it had before the last decision. If that is unknown, or if the
// post was edited since, the policy decides. A card that waits again begins to wait now.
func (r *Reconciler) undecide(c *card, decision stream.Decision) {
	to := c.earlier
	if to == nil {
		held, why := r.judge(c.post, &stream.Post{}) // limits for new posts don't count it again
		to = &heldState{held, why}
	}
	if to.Held != "" {
		at := decision.At
		if decision = to.Decision; to.Held == stream.Pending {
			decision.At = at
		}
	}
	if c.earlier = nil; to.Held != "" || c.held != "" {
		r.move(c, c.post, to.Held, decision)
	}
}

// hold puts the card into a state.
func (c *card) hold(held stream.Held, decision stream.Decision) {
	if c.held, c.decision = held, nil; decision != (stream.Decision{}) {
		kept := decision // so that most cards, which have none, allocate none
		c.decision = &kept
	}
}

// decided returns what put the card into its state.
func (c *card) decided() stream.Decision {
	if c.decision == nil {
		return stream.Decision{}
	}
	return *c.decision
}

// cardsOf returns the cards that a decision is about, and that are in another state. If the op names an
// author, it returns all cards by that author; a Restore then returns those that their block hid, also posts
// of others that quote them or that they reposted.
func (r *Reconciler) cardsOf(op stream.Op) (cards []*card) {
	all := []*card{r.byID[r.postID(op.ID)]}
	if op.Author != nil {
		all = slices.Clone(r.byPart[op.Author.Key])
	}
	for _, c := range all {
		switch {
		case c == nil, op.Kind == stream.Hide && c.held == stream.Hidden, op.Kind == stream.Show && c.held == "":
		case op.Kind == stream.Restore && c.post == nil:
		case op.Author != nil && op.Kind == stream.Restore && !c.isHiddenBy(op.Decision):
		case op.Author != nil && op.Kind != stream.Restore && c.author != op.Author.Key:
		default:
			cards = append(cards, c)
		}
	}
	return cards
}

// isHiddenBy reports whether the block of an author hid the card. Cards of earlier versions don't name the
// author, but only the reason.
func (c *card) isHiddenBy(block stream.Decision) bool {
	decision := c.decided()
	if decision.Author == "" {
		return c.held == stream.Hidden && decision.Why == block.Why
	}
	return c.held == stream.Hidden && decision.Author == block.Author
}

// move puts a card into another state, in which it shows p. The new card is emitted before the old one is
// withdrawn, so that no crash loses both. The withdrawal is last: until it is done, the archive has two
// cards that show where a crash came.
func (r *Reconciler) move(c *card, p *stream.Post, held stream.Held, decision stream.Decision) {
	old := *c
	c.hold(held, decision)
	kind := stream.Create
	switch {
	case old.held != "" && held != "": // both are for moderators only
		kind = stream.Update
	case old.held == "":
		r.rename(c)
	}
	if held == "" && p.Quoted() != nil && !r.knows(p.Quote.ID) && r.archive != nil {
		r.restore(r.archive.Find(p.Quote.ID)) // it may be held
	}
	r.show(c, r.rendered(c, p))
	r.emitPost(kind, c, c.post)
	if old.held != held {
		r.reconsider(c)
	}
	if kind == stream.Create {
		r.emitWithdrawal(&old)
	}
}

// emitWithdrawal emits that a card is no longer where it was. It has no tombstone, because the post
// lives on in another card.
func (r *Reconciler) emitWithdrawal(old *card) {
	why := stream.ByModerator
	if old.held != "" {
		why = ""
	}
	r.emitDestroy(old, why, nil)
}

// rename gives a card that was public a new id, as an id is never used again after a Destroy.
func (r *Reconciler) rename(c *card) {
	r.usedIDs.Add(c.id)
	delete(r.aliases, c.id)
	if c.original == "" {
		c.original = c.id
	}
	for r.usedIDs.Has(c.id) || r.aliases[c.id] != nil || r.isArchived(c.id) {
		c.id += "~"
	}
	r.aliases[c.id] = c
}
