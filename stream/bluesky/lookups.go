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
	backoff     time.Duration // after the last failure; 0: none
	pausedUntil time.Time     // no request is made before
}

func newProfileLookup() *profileLookup {
	return &profileLookup{authors: newAuthors(mostAuthors), hidden: recent.New(mostHidden)}
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
	n := min(len(p.queue), lookupSize)
	batch := slices.Clone(p.queue[:n])
	p.queue = p.queue[n:]
	p.inFlight++
	return batch
}

// healthy reports whether requests succeed.
func (p *profileLookup) healthy() bool { return p.backoff == 0 }

var lookupBackoff = stream.Schedule{First: time.Second, Longest: time.Minute}

// failed applies a failed request: the next one waits, for as long as the server asks, but
// not for ever. If the same request would fail again, the authors count as not found.
func (p *profileLookup) failed(batch []string, again bool, wanted time.Duration, now time.Time) {
	p.backoff = lookupBackoff.After(p.backoff)
	p.pausedUntil = now.Add(max(p.backoff, min(wanted, 15*time.Minute)))
	p.putBack(batch)
	if again {
		return
	}
	p.queue = p.queue[len(batch):]
	for _, did := range batch {
		p.store(did, nil, now)
	}
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
}

// store stores a profile, nil if none was found, and returns the author.
func (p *profileLookup) store(did string, found *profile, now time.Time) *author {
	a := p.authors.Get(did)
	a.queued, a.lookedUp = false, true
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
