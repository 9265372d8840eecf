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
	missLifetime    = 10 * time.Minute // for authors who were not found, or whose new handle is not known yet
	lookupSize      = 25               // the most authors in one request
	mostLookups     = 3                // requests at a time
)

// author is what is known of an author.
type author struct {
	did           string
	shownAs       stream.Author
	lookedUp      bool      // the author has been looked up
	expires       time.Time // when the author is looked up again
	queued        bool      // the author is in the queue, or in a request
	refused       bool      // the service refuses to look the author up, until expires
	shown         bool      // a post by the author was emitted
	named         bool      // a reply to the author was emitted
	handleChanged bool      // the author reported another handle
	labels        labels    // of the account, at the last look-up
	recordLabels  labels    // of the profile record, at the last look-up
}

// setProfile sets the name and the avatar, unless labels of the account or of the profile
// record cover them.
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

// profileLookup stores recent authors, and decides which authors to look up next and when. It
// makes no requests itself, so it can be tested without a server.
type profileLookup struct {
	authors *recent.Cache[string, *author] // by DID
	hidden  *recent.Set                    // DIDs of hidden authors, kept for longer than the authors
	queue   []string                       // DIDs to look up, in order

	inFlight    int           // number of requests
	batchSize   int           // the most authors in the next request
	backoff     time.Duration // the last wait after a failure; 0: the last request succeeded
	pausedUntil time.Time     // no request is made before this time

	refusal  error               // why the last request was refused; nil once no suspect is left
	suspects map[string]struct{} // DIDs of the authors in refused requests, each of them queued again
}

func newProfileLookup() *profileLookup {
	return &profileLookup{authors: newAuthors(mostAuthors), hidden: recent.New(mostHidden), batchSize: lookupSize, suspects: map[string]struct{}{}}
}

func newAuthors(most int) *recent.Cache[string, *author] {
	return recent.NewCache(most, func(did string) *author { return &author{did: did, shownAs: unknownAuthor(did)} })
}

// seen returns an author, and queues a look-up if the profile is missing or has expired.
func (p *profileLookup) seen(did string, now time.Time) *author {
	a := p.authors.Get(did)
	if now.After(a.expires) {
		p.ask(a)
	}
	return a
}

// ask queues the look-up of an author. If the queue is full, its oldest entry is dropped.
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

// next returns the authors for the next request; nil if no request is due.
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

// refusedPatience is added to the wait of held posts while look-ups are refused. It is long
// enough to find one invalid author in a full request by halving that.
const refusedPatience = 10 * time.Second

// patience is the time that is added to the wait of held posts at present.
func (p *profileLookup) patience() time.Duration {
	if p.refusal == nil {
		return 0
	}
	return refusedPatience
}

var lookupBackoff = stream.Schedule{First: time.Second, Longest: time.Minute}

// failed applies a request without a usable answer. The next request waits longer after each
// failure, and at least as long as the server wants (wanted), up to 15 minutes.
func (p *profileLookup) failed(batch []string, wanted time.Duration, now time.Time) {
	p.backoff = lookupBackoff.After(p.backoff)
	p.pausedUntil = now.Add(max(p.backoff, min(wanted, 15*time.Minute)))
	p.putBack(batch)
}

// refused applies a request that the service refuses. One invalid author may be the reason, so
// the next requests have half as many authors. If the request had only one author, that author
// is not looked up again before missLifetime has passed.
func (p *profileLookup) refused(batch []string, why error, wanted time.Duration, now time.Time) {
	p.refusal = why
	if len(batch) > 1 {
		p.backoff = 0 // the wait doesn't grow while the invalid author is searched for
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

// recovered reports whether a refusal is over: a request has succeeded, and no suspect is left.
// It is called after the profiles of that request were stored.
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

// store applies the result for one author; found is nil if the service knows no such author. It
// returns the author.
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
