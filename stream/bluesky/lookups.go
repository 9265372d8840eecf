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
	missLifetime    = 10 * time.Minute // who was not found, and a handle that should have changed but has not yet
	lookupSize      = 25               // people in one question
	mostLookups     = 3                // questions at once
)

// bskyPerson is what is known of an author.
type author struct {
	did           string
	author        stream.Author
	known         bool      // he has been looked up
	until         time.Time // when that is too old
	asked         bool      // he is in the queue, or in a question that is not answered
	shown         bool      // a post of his went out
	handleChanged bool      // he said that he has another handle
	sensitive     bool      // his account is marked: cover what he shows
}

// bskyPeople are the authors seen lately, and whom to ask for. It is a policy: it is
// told what happens and asks nobody itself.
type profileLookup struct {
	authors *recent.Cache[string, *author] // by DID
	hidden  *recent.Set                    // who may not be shown, remembered for longer than the person
	queue   []string                       // DIDs to look up, in order

	asking  int           // questions that are not answered
	waiting time.Duration // after the last failure; 0: all is well
	quiet   time.Time     // until when nothing is asked
}

func newProfileLookup() *profileLookup {
	return &profileLookup{authors: newAuthors(mostAuthors), hidden: recent.New(mostHidden)}
}

func newAuthors(most int) *recent.Cache[string, *author] {
	return recent.NewCache(most, func(did string) *author { return &author{did: did, author: unknownAuthor(did)} })
}

// person returns an author, new or not, and sees to it that he is looked up.
func (p *profileLookup) seen(did string, now time.Time) *author {
	person := p.authors.Get(did)
	if now.After(person.until) {
		p.ask(person)
	}
	return person
}

// ask puts an author into the queue. It is as long as the memory is, at most; then
// whoever waits for longest has to go.
func (p *profileLookup) ask(person *author) {
	if person.asked {
		return
	}
	person.asked = true
	p.queue = append(p.queue, person.did)
	if len(p.queue) <= mostAuthors {
		return
	}
	if gone, ok := p.authors.Known(p.queue[0]); ok {
		gone.asked = false
	}
	p.queue = p.queue[1:]
}

// next returns who is to be asked for now, if anybody.
func (p *profileLookup) next(now time.Time) []string {
	if len(p.queue) == 0 || p.asking >= mostLookups || now.Before(p.quiet) || p.waiting > 0 && p.asking > 0 {
		return nil
	}
	n := min(len(p.queue), lookupSize)
	batch := slices.Clone(p.queue[:n])
	p.queue = p.queue[n:]
	p.asking++
	return batch
}

// well reports whether questions are being answered.
func (p *profileLookup) healthy() bool { return p.waiting == 0 }

var lookupBackoff = stream.Schedule{First: time.Second, Longest: time.Minute}

// failed is told that a question got no answer: the next one waits, as long as the
// server wants but not for ever. If asking the same again is of no use, the people
// are as good as not found.
func (p *profileLookup) failed(batch []string, again bool, wanted time.Duration, now time.Time) {
	p.waiting = lookupBackoff.After(p.waiting)
	p.quiet = now.Add(max(p.waiting, min(wanted, 15*time.Minute)))
	p.putBack(batch)
	if again {
		return
	}
	p.queue = p.queue[len(batch):]
	for _, did := range batch {
		p.store(did, nil, now)
	}
}

// putBack is told that nothing came of a question.
func (p *profileLookup) putBack(batch []string) {
	p.asking--
	p.queue = append(batch, p.queue...)
}

// answered is told that it got one.
func (p *profileLookup) answered() {
	p.asking--
	p.waiting = 0
}

// learn is told what was found, nil if nothing was, and returns the person as he is now.
func (p *profileLookup) store(did string, found *profile, now time.Time) *author {
	person := p.authors.Get(did)
	person.asked, person.known = false, true
	person.until = now.Add(profileLifetime)
	if found == nil {
		person.until = now.Add(missLifetime)
		return person
	}
	author := found.author()
	if person.handleChanged && author.Handle == person.author.Handle {
		person.until = now.Add(missLifetime)
	}
	person.handleChanged = false
	person.author = author
	person.sensitive = labels{found.Labels}.any(coverLabels)
	return person
}
