package reconcile

import (
	"slices"
	"time"
)

// Rejudge asks the policy again about the public cards that were emitted within a time before now, because
// the policy should have changed earlier. A card that a moderator has made public stays public.
func (r *Reconciler) Rejudge(within time.Duration) error {
	return r.locked(func() {
		for _, c := range r.emittedWithin(within) {
			if c.held != "" || c.decided().By != "" {
				continue
			}
			bare := withoutReposts(c.post)
			if held, decision := r.judge(bare, bare); held != "" {
				r.move(c, c.post, held, decision)
			} else {
				r.judgeRepostsOf(c, anyRepost)
				r.refresh(c)
			}
		}
	})
}

// emittedWithin returns the cards that were emitted within a time before now, the oldest first.
func (r *Reconciler) emittedWithin(within time.Duration) (cards []*card) {
	now := time.Since(r.began)
	for e := r.full.Front(); e != nil; e = e.Next() {
		c := e.Value.(*card)
		if now-c.at > within {
			break
		}
		cards = append(cards, c)
	}
	slices.Reverse(cards)
	return cards
}
