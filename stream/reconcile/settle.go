package reconcile

import (
	"encoding/json"
	"slices"

	"nagare/stream"
)

// Concerns reports whether memory has the card of that id, or one that quotes its post. Otherwise the next op
// about the post asks the archive.
func (r *Reconciler) Concerns(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.byID[r.postID(id)]
	return c != nil || len(r.byPart[id]) > 0 || len(r.byPart[firstID(id)]) > 0
}

// Forget drops what memory knows of the card of that id, because another process has changed it. The
// archive has the new state. If memory has a newer edit, which came meanwhile, the card is updated. So are
// the cards that quote the post: this process may have published them before it learned of the change.
// Stale says that memory may also have old versions of these.
func (r *Reconciler) Forget(id string, stale bool) error {
	return r.locked(func() {
		c := r.byID[r.postID(id)]
		ids := []string{id, firstID(id)}
		if c != nil {
			ids = append(ids, c.ids()...)
			r.remove(c)
		}
		if stale {
			r.removeQuotesOf(ids)
		}
		r.recall(stream.Op{Kind: stream.Destroy, ID: id, Earlier: ids})
		now := r.byID[r.postID(id)]
		if now == nil {
			r.unquote(ids) // the post was deleted
			return
		}
		if c != nil && c.post != nil && !c.post.Version().IsZero() && now.post != nil && now.compare(c.post) > 0 {
			r.update(now, withoutReposts(c.post))
		}
		r.reconsider(now)
	})
}

// removeQuotesOf drops what memory knows of the cards that quote a post. The archive has them.
func (r *Reconciler) removeQuotesOf(ids []string) {
	for _, id := range ids {
		for _, c := range slices.Clone(r.byPart[id]) {
			r.remove(c)
		}
	}
}

// FinishMove finishes a move to the moderators that a crash has interrupted: the archive has both the public
// card and the held card of a post. The public one is withdrawn. If an edit came after the crash, the held
// one shows it.
func (r *Reconciler) FinishMove(public, held Saved) error {
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
