package reconcile

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
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

// Forget drops what memory knows of the card of that id, because another process has changed it. The
// archive has the new state. If memory has a newer edit, which came meanwhile, the card is updated.
func (r *Reconciler) Forget(id string) error {
	return r.locked(func() {
		c := r.byID[r.postID(id)]
		if c == nil {
			c = r.byID[strings.TrimRight(id, "~")] // memory knows the card by the id that it had before: see rename
		}
		if c == nil {
			return
		}
		r.remove(c)
		if c.post == nil || c.post.Version().IsZero() {
			return
		}
		p := withoutReposts(c.post)
		p.ID = c.name
		r.recall(stream.Op{Kind: stream.Update, ID: p.ID, Post: p})
		if now := r.byID[p.ID]; now != nil && now.post != nil && now.compare(p) > 0 {
			r.update(now, p)
		}
	})
}

// locked calls do, which may change cards, and emits the resulting ops.
func (r *Reconciler) locked(do func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.out)
	r.at, r.why, r.out = time.Now(), "", r.out[:0]
	do()
	r.evict()
	for _, op := range r.out {
		if err := r.emit(op); err != nil {
			return err
		}
	}
	return nil
}

// create emits a new card, which shows p.
func (r *Reconciler) create(c *card, p *stream.Post) {
	shown := r.rendered(c, p)
	r.show(c, shown)
	c.held, c.decision = r.judge(shown, nil)
	r.emitPost(stream.Create, c, shown)
}

func (r *Reconciler) judge(p, before *stream.Post) (stream.Held, stream.Decision) {
	if r.policy == nil {
		return "", stream.Decision{}
	}
	return r.policy(p, before)
}

// judgeEdit judges a card that is to show p. It reports whether the card is held from now on, or for
// another reason. A card that waits begins to wait again, or is hidden.
func (r *Reconciler) judgeEdit(c *card, p *stream.Post) (held stream.Held, decision stream.Decision, changed bool) {
	if r.policy == nil || c.held == stream.Hidden || sameContent(p, c.post) {
		return "", stream.Decision{}, false
	}
	held, decision = r.policy(p, c.post)
	return held, decision, held != ""
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

// decide applies a Hide or a Show.
func (r *Reconciler) decide(op stream.Op) {
	for _, c := range r.decided(op) {
		switch {
		case op.Kind == stream.Hide && c.post == nil: // nothing is left that could be shown again
			r.emitDestroy(c, stream.ByModerator, c.ids())
			for _, id := range c.ids() {
				r.tombstones.Add(id)
			}
			r.remove(c)
		case op.Kind == stream.Hide:
			r.move(c, c.post, stream.Hidden, op.Decision)
		default:
			r.move(c, c.post, "", op.Decision)
		}
	}
}

// decided returns the cards that a Hide or a Show is about, and that are in another state. If the op
// names an author, it returns all cards by that author; a Show then returns only those that were
// hidden for the same reason.
func (r *Reconciler) decided(op stream.Op) (cards []*card) {
	all := []*card{r.byID[r.postID(op.ID)]}
	if op.Author != nil {
		all = slices.Clone(r.byPart[op.Author.Key])
	}
	for _, c := range all {
		switch {
		case c == nil, op.Kind == stream.Hide && c.held == stream.Hidden, op.Kind == stream.Show && c.held == "":
		case op.Author != nil && (c.author != op.Author.Key || op.Kind == stream.Show && c.decision.Why != op.Decision.Why):
		default:
			cards = append(cards, c)
		}
	}
	return cards
}

// move puts a card into another state, in which it shows p. The new card is emitted before the old one is
// withdrawn, so that no crash loses both. Posts that quote the post lose the quote if it is hidden, and
// get it back. The withdrawal is last: until it is done, the archive has two cards that show where a crash
// came.
func (r *Reconciler) move(c *card, p *stream.Post, held stream.Held, decision stream.Decision) {
	old := *c
	c.held, c.decision = held, decision
	if old.held != "" && held != "" { // both are for moderators only
		r.show(c, p)
		r.emitPost(stream.Update, c, p)
		return
	}
	if old.held == "" {
		r.rename(c)
	}
	moved := *p
	moved.ID = c.id
	r.show(c, &moved)
	r.emitPost(stream.Create, c, &moved)
	if held == stream.Hidden {
		r.unquote(c.ids())
	} else if held == "" {
		r.restoreQuotes(c)
	}
	r.emitWithdrawal(&old)
}

// Settle finishes a move to the moderators that a crash has interrupted: the archive has both the public
// card and the held card of a post. The public one is withdrawn. If an edit came after the crash, the held
// one shows it.
func (r *Reconciler) Settle(public, held Saved) error {
	return r.locked(func() {
		var s state
		if json.Unmarshal(public.State, &s) != nil || s.Post == nil {
			return
		}
		if c := r.byID[s.Name]; c != nil {
			r.remove(c)
		}
		r.restoreCard(held)
		c := r.byID[s.Name]
		if c == nil || c.held == "" {
			return // the post was deleted meanwhile
		}
		r.usedIDs.Add(public.ID)
		if p := withoutReposts(s.Post); c.compare(p) > 0 {
			r.update(c, p)
		}
		if c.held == stream.Hidden {
			r.restore(r.archive.Find(c.ids()...)) // also the posts that quote it
			r.unquote(c.ids())
		}
		r.emitWithdrawal(&card{id: public.ID, original: s.Original, name: s.Name, others: s.Others})
	})
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

// restoreQuotes puts a post that is public again into the posts that quote it.
func (r *Reconciler) restoreQuotes(c *card) {
	for _, id := range c.ids() {
		for _, quoting := range slices.Clone(r.byPart[id]) {
			if p := quoting.post; p != nil && p.Quote != nil && p.Quote.Post == nil && p.Quote.ID == id {
				q := *p
				q.Quote = &stream.Quote{ID: id, URL: c.post.URL, Post: inQuote(c.post)}
				q.Quote.Post.ID = id
				r.update(quoting, &q)
			}
		}
	}
}

// isHidden reports whether the post of that id was hidden: then no quote shows it.
func (r *Reconciler) isHidden(id string) bool {
	c := r.byID[id]
	return c != nil && c.held == stream.Hidden
}
