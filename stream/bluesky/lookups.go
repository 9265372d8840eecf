package bluesky

import (
	"slices"
	"time"

	"nagare/stream/internal/recent"
)

const (
	mostAuthors = 20_000
	mostParents = 5_000
	mostHidden  = 100_000
)

// profileLookup stores recent authors, and decides which authors to look up next and when. It
// makes no requests itself, so it can be tested without a server.
type profileLookup struct {
	authors *recent.Cache[string, *author] // by DID
	hidden  *recent.Set                    // DIDs of hidden authors, kept for longer than the authors
	queue   []string                       // DIDs to look up, in order
	parents []string                       // DIDs to look up only while requests have room for them
	pacer

	parentsPausedUntil time.Time // no parents are looked up before this time

	refusal  error               // why the last request was refused; nil once no suspect is left
	suspects map[string]struct{} // DIDs of the authors in refused requests, each of them queued again
}

func newProfileLookup() *profileLookup {
	return &profileLookup{authors: newAuthors(mostAuthors), hidden: recent.New(mostHidden), pacer: pacer{batchSize: lookupSize}, suspects: map[string]struct{}{}}
}

// seen returns an author, and queues a lookup if the profile is missing or has expired.
func (p *profileLookup) seen(did string, now time.Time) *author {
	a := p.authors.Get(did)
	if now.After(a.expires) {
		p.ask(a)
	}
	return a
}

// ask queues the lookup of an author. If the queue is full, its oldest entry is dropped.
func (p *profileLookup) ask(a *author) {
	if a.queued && !a.asParent {
		return
	}
	a.queued, a.asParent = true, false // the entry that may be in parents is ignored from now on
	p.queue = append(p.queue, a.did)
	if len(p.queue) <= mostAuthors {
		return
	}
	delete(p.suspects, p.queue[0])
	if gone, ok := p.authors.Known(p.queue[0]); ok {
		gone.queued = false
	}
	p.queue = p.queue[1:]
}

// seenParent returns the author of a post that is replied to, and queues a lookup if the author
// is unknown. Such lookups only fill the requests for authors of posts, so that no post waits
// longer because of them.
func (p *profileLookup) seenParent(did string, now time.Time) *author {
	a := p.authors.Get(did)
	if a.lookedUp || a.queued || !now.After(a.expires) {
		return a
	}
	a.queued, a.asParent = true, true
	if p.parents = append(p.parents, did); len(p.parents) > mostParents {
		p.nextParent()
	}
	return a
}

// nextParent removes the first of the parents. The result is nil if its lookup is not needed
// any more.
func (p *profileLookup) nextParent() *author {
	a, ok := p.authors.Known(p.parents[0])
	if p.parents = p.parents[1:]; !ok || !a.asParent {
		return nil
	}
	a.queued = false
	return a
}

// next returns the authors for the next request; nil if no request is due.
func (p *profileLookup) next(now time.Time) []string {
	if !p.ready(now) {
		return nil
	}
	n := min(len(p.queue), p.batchSize)
	batch := slices.Clone(p.queue[:n])
	p.queue = p.queue[n:]
	for p.healthy() && p.refusal == nil && !now.Before(p.parentsPausedUntil) && len(batch) < p.batchSize && len(p.parents) > 0 {
		if a := p.nextParent(); a != nil {
			a.queued = true
			batch = append(batch, a.did)
		}
	}
	if len(batch) == 0 {
		return nil
	}
	p.inFlight++
	return batch
}

// failed applies a request without a usable answer.
func (p *profileLookup) failed(batch []string, wanted time.Duration, now time.Time) {
	p.pause(wanted, now)
	p.putBack(batch)
}

// putBack returns the authors of an aborted request to their queues.
func (p *profileLookup) putBack(batch []string) {
	p.inFlight--
	authors := make([]string, 0, len(batch)+len(p.queue))
	for _, did := range batch {
		if a := p.authors.Get(did); a.asParent {
			p.parents = append(p.parents, did)
		} else {
			authors = append(authors, did)
		}
	}
	p.queue = append(authors, p.queue...)
}
