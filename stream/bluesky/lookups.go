package bluesky

import (
	"slices"
	"time"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
	mostAuthors     = 20_000
	mostHidden      = 100_000
	profileLifetime = 6 * time.Hour
	missLifetime    = 10 * time.Minute // for authors who were not found, and for handles that have not changed yet
	lookupSize      = 25               // authors in one request
	mostLookups     = 3                // requests at a time
)

// author is what is known of an author.
type author struct {
	did           string
	shownAs       stream.Author
	lookedUp      bool      // the author has been looked up
	expires       time.Time // when the profile is too old
	queued        bool      // the author is in the queue, or in a request
	refused       bool      // the service refuses to look the author up, until expires
	shown         bool      // a post by the author was emitted
	handleChanged bool      // the author reported another handle
	labels        labels    // of the account, at the last look-up
	recordLabels  labels    // of the profile record, at the last look-up
}

// setProfile sets the name and the avatar, except those that labels of the account or of the
// profile record cover.
func (a *author) setProfile(name, avatar string, record ...labels) {
	a.shownAs.Name, a.shownAs.Avatar = name, avatar
	if a.labels.covers() {
		a.shownAs.Avatar = ""
	}
	for _, l := range record {
		if l.covers() {
			a.shownAs.Avatar = ""
		}
		if l.any(systemLabels) || l.any([]string{"!warn"}) {
			a.shownAs.Name = ""
		}
	}
}

// profileLookup has the recent authors, and those to look up. It is a policy that makes no
// requests itself.
type profileLookup struct {
	authors *recent.Cache[string, *author] // by DID
	hidden  *recent.Set                    // DIDs of hidden authors, kept for longer than the authors
	queue   []string                       // DIDs to look up, in order

	inFlight    int           // number of requests
	batchSize   int           // authors in the next request
	backoff     time.Duration // after the last failure; 0: none
	pausedUntil time.Time     // no request is made before

	refusal  error               // of the last refused request, until all of its authors are known
	suspects map[string]struct{} // DIDs of the authors in refused requests, who are queued again
}

func newProfileLookup() *profileLookup {
	return &profileLookup{authors: newAuthors(mostAuthors), hidden: recent.New(mostHidden), batchSize: lookupSize, suspects: map[string]struct{}{}}
}

func newAuthors(most int) *recent.Cache[string, *author] {
	return recent.NewCache(most, func(did string) *author { return &author{did: did, shownAs: unknownAuthor(did)} })
}

// seen returns an author, and queues the look-up if the profile is missing or too old.
func (p *profileLookup) seen(did string, now time.Time) *author {
	a := p.authors.Get(did)
	if now.After(a.expires) {
		p.ask(a)
	}
	return a
}

// ask queues an author. If the queue is full, the first in it is dropped.
func (p *profileLookup) ask(a *author) {
	if a.queued {
		return
	}
	a.queued = true
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

// next returns the authors for the next request, if it is time for one.
func (p *profileLookup) next(now time.Time) []string {
	if len(p.queue) == 0 || p.inFlight >= mostLookups || now.Before(p.pausedUntil) || p.backoff > 0 && p.inFlight > 0 {
		return nil
	}
	n := min(len(p.queue), p.batchSize)
	batch := slices.Clone(p.queue[:n])
	p.queue = p.queue[n:]
	p.inFlight++
	return batch
}

// healthy reports whether requests succeed.
func (p *profileLookup) healthy() bool { return p.backoff == 0 }

// refusedPatience is how much longer posts wait while look-ups are refused: long enough to find
// one invalid author in a full request.
const refusedPatience = 10 * time.Second

// patience is how much longer posts wait now.
func (p *profileLookup) patience() time.Duration {
	if p.refusal == nil {
		return 0
	}
	return refusedPatience
}

var lookupBackoff = stream.Schedule{First: time.Second, Longest: time.Minute}

// failed applies a request without an answer: the next one waits, for as long as the server
// asks, but not for ever.
func (p *profileLookup) failed(batch []string, wanted time.Duration, now time.Time) {
	p.backoff = lookupBackoff.After(p.backoff)
	p.pausedUntil = now.Add(max(p.backoff, min(wanted, 15*time.Minute)))
	p.putBack(batch)
}

// refused applies a request that the service refuses. One invalid author may be the reason, so
// the next requests are smaller. An author who is refused alone is not asked for again for a
// while.
func (p *profileLookup) refused(batch []string, why error, wanted time.Duration, now time.Time) {
	p.refusal = why
	if len(batch) > 1 {
		p.backoff = 0 // these waits don't grow
	}
	p.failed(batch, wanted, now)
	p.batchSize = max(len(batch)/2, 1)
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

// recovered reports whether a refusal is over: a request succeeded, and no author of the refused
// ones is left. It is called after the profiles of that request are stored.
func (p *profileLookup) recovered() bool {
	if p.refusal == nil || len(p.suspects) > 0 {
		return false
	}
	p.refusal = nil
	return true
}

// putBack returns the authors of an aborted request to the queue.
func (p *profileLookup) putBack(batch []string) {
	p.inFlight--
	p.queue = append(batch, p.queue...)
}

// answered applies a successful request.
func (p *profileLookup) answered() {
	p.inFlight--
	p.backoff = 0
	p.batchSize = min(2*p.batchSize, lookupSize)
}

// store stores a profile, nil if none was found, and returns the author.
func (p *profileLookup) store(did string, found *profile, now time.Time) *author {
	a := p.authors.Get(did)
	delete(p.suspects, did)
	a.queued, a.lookedUp, a.refused = false, true, false
	if found == nil {
		a.expires = now.Add(missLifetime)
		return a
	}
	a.expires = found.nextEnd(now, now.Add(profileLifetime))
	author := found.author()
	if a.handleChanged && author.Handle == a.shownAs.Handle {
		a.expires = now.Add(missLifetime)
	}
	a.handleChanged = false
	a.shownAs = author
	a.labels, a.recordLabels = found.labelsOf(now)
	a.setProfile(author.Name, author.Avatar, a.recordLabels)
	return a
}
