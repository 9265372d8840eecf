package bluesky

import "time"

// refusedPatience is added to the wait of held posts while lookups are refused. It is long
// enough to find one invalid author in a full request by halving that.
const refusedPatience = 10 * time.Second

// patience is the time that is added to the wait of held posts at present.
func (p *profileLookup) patience() time.Duration {
	if p.refusal == nil {
		return 0
	}
	return refusedPatience
}

// refused applies a request that the service refuses. One invalid author may be the reason, so
// the next requests have half as many authors. If the request had only one author, that author
// is not looked up again before missLifetime has passed. If it had parents, these are dropped
// first, and nothing else happens: anybody can reply to an invalid author, and that must not
// delay other posts.
func (p *profileLookup) refused(batch []string, why error, wanted time.Duration, now time.Time) {
	if authors := p.withoutParents(batch, now); len(authors) < len(batch) {
		p.pausedUntil = now.Add(min(wanted, 15*time.Minute))
		p.putBack(authors)
		return
	}
	p.refusal = why
	p.pacer.refused(len(batch), wanted, now)
	p.putBack(batch)
	for _, did := range batch {
		p.suspects[did] = struct{}{}
	}
	if len(batch) > 1 {
		return
	}
	p.queue = p.queue[1:]
	delete(p.suspects, batch[0])
	a := p.authors.Get(batch[0])
	a.queued, a.refused, a.expires = false, true, now.Add(missLifetime)
}

// withoutParents returns the authors of posts in a batch. If it has parents, no parents are
// looked up before missLifetime has passed.
func (p *profileLookup) withoutParents(batch []string, now time.Time) (authors []string) {
	for _, did := range batch {
		a := p.authors.Get(did)
		if !a.asParent {
			authors = append(authors, did)
			continue
		}
		p.parentsPausedUntil = now.Add(missLifetime)
		a.queued, a.asParent = false, false // not expires: if the author posts, the lookup is due
	}
	return authors
}

// recovered reports whether a refusal is over: a request has succeeded, and no suspect is left.
// It is called after the profiles of that request were stored.
func (p *profileLookup) recovered() bool {
	if p.refusal == nil || len(p.suspects) > 0 {
		return false
	}
	p.refusal = nil
	return true
}
