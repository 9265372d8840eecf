package bluesky

import (
	"slices"
	"time"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
	mostAuthors     = 20_000
	mostParents     = 5_000
	mostHidden      = 100_000
	profileLifetime = 6 * time.Hour
	missLifetime    = 10 * time.Minute // for authors who were not found, or whose new handle is not known yet
)

// author is what is known of an author.
type author struct {
	did           string
	shownAs       stream.Author
	lookedUp      bool      // the author has been looked up
	expires       time.Time // when the author is looked up again
	queued        bool      // the author is in a queue, or in a request
	asParent      bool      // the look-up is only for the name in replies to the author
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
	parents []string                       // DIDs to look up only while requests have room for them
	pacer

	parentsPausedUntil time.Time // no parents are looked up before this time

	refusal  error               // why the last request was refused; nil once no suspect is left
	suspects map[string]struct{} // DIDs of the authors in refused requests, each of them queued again
}

func newProfileLookup() *profileLookup {
	return &profileLookup{authors: newAuthors(mostAuthors), hidden: recent.New(mostHidden), pacer: pacer{batchSize: lookupSize}, suspects: map[string]struct{}{}}
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

// seenParent returns the author of a post that is replied to, and queues a look-up if the author
// is unknown. Such look-ups only fill the requests for authors of posts, so that no post waits
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

// nextParent removes the first of the parents. The result is nil if its look-up is not needed
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

// failed applies a request without a usable answer.
func (p *profileLookup) failed(batch []string, wanted time.Duration, now time.Time) {
	p.pause(wanted, now)
	p.putBack(batch)
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
		a.queued, a.asParent = false, false // not expires: if the author posts, the look-up is due
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

// store applies the result for one author; found is nil if the service knows no such author. Now
// is the time by our clock, and network the time by that of the network, which dates labels. It
// returns the author.
func (p *profileLookup) store(did string, found *profile, now, network time.Time) *author {
	a := p.authors.Get(did)
	delete(p.suspects, did)
	a.queued, a.asParent, a.lookedUp, a.refused = false, false, true, false
	if found == nil {
		a.expires = now.Add(missLifetime)
		return a
	}
	a.expires = now.Add(found.nextEnd(network, network.Add(profileLifetime)).Sub(network))
	author := found.author()
	if a.handleChanged && author.Handle == a.shownAs.Handle {
		a.expires = now.Add(missLifetime)
	}
	a.handleChanged = false
	a.shownAs = author
	a.labels, a.recordLabels = found.labelsOf(network)
	a.setProfile(author.Name, author.Avatar, a.recordLabels)
	return a
}
