package reconcile

import "nagare/stream"

// Release makes the card of that id public, if it still waits: for the reason in waits, and since its
// time or longer. The policy is asked again, because it can be newer than the card.
func (r *Reconciler) Release(id string, waits stream.Decision) error {
	return r.locked(func() {
		c := r.waiting(id, waits)
		if c == nil {
			return
		}
		bare := withoutReposts(c.post)
		held, decision := r.judge(bare, bare)
		if held == "" {
			r.judgeRepostsOf(c, anyRepost)
			decision = stream.Decision{Why: waits.Why, At: r.at.UTC()}
		}
		r.move(c, c.post, held, decision)
	})
}

// Await gives the card of that id another reason to wait, if it still waits as for Release.
func (r *Reconciler) Await(id string, waits stream.Decision, why string) error {
	return r.locked(func() {
		if c := r.waiting(id, waits); c != nil {
			decision := c.decided()
			decision.Why = why
			r.move(c, c.post, stream.Pending, decision)
		}
	})
}

// waiting returns the card of that id if it waits for the reason in waits, and since its time or longer.
func (r *Reconciler) waiting(id string, waits stream.Decision) *card {
	r.recall(stream.Op{Kind: stream.Show, ID: id})
	c := r.byID[r.postID(id)]
	if c == nil || c.post == nil || c.held != stream.Pending || c.decided().Why != waits.Why || c.decided().At.After(waits.At) {
		return nil
	}
	return c
}
