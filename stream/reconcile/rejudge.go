package reconcile

import (
	"slices"
	"time"
)

// Rejudge asks the policy again about the public cards of posts with these names, because the policy should
// have changed earlier. A card that a moderator has made public stays public.
func (r *Reconciler) Rejudge(names []string) error {
	return r.locked(func() {
		for _, name := range names {
			if !r.knows(name) && r.archive != nil {
				r.restore(r.archive.Find(name))
			}
			if c := r.byID[name]; c != nil && c.post != nil && c.held == "" && c.decided().By == "" {
				r.rejudge(c)
			}
		}
	})
}

func (r *Reconciler) rejudge(c *card) {
	bare := withoutReposts(c.post)
	if held, decision := r.judge(bare, bare); held != "" {
		r.move(c, c.post, held, decision)
		return
	}
	r.judgeRepostsOf(c, anyRepost)
	r.refresh(c)
}

// EmittedWithin returns the names of the posts whose cards were emitted within a time before now, the oldest
// first.
func (r *Reconciler) EmittedWithin(within time.Duration) (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Since(r.began)
	for e := r.full.Front(); e != nil; e = e.Next() {
		c := e.Value.(*card)
		if now-c.at <= within {
			names = append(names, c.name)
		}
	}
	slices.Reverse(names)
	return names
}
