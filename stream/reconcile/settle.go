package reconcile

import (
	"encoding/json"
	"strings"

	"nagare/stream"
)

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
		r.reconsider(c)
		r.emitWithdrawal(&card{id: public.ID, original: s.Original, name: s.Name, others: s.Others})
	})
}
