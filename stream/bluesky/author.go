package bluesky

import (
	"time"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
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
	asParent      bool      // the lookup is only for the name in replies to the author
	refused       bool      // the service refuses to look the author up, until expires
	shown         bool      // a post by the author was emitted
	named         bool      // a reply to the author was emitted
	handleChanged bool      // the author reported another handle
	labels        labels    // of the account, at the last lookup
	recordLabels  labels    // of the profile record, at the last lookup
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

func newAuthors(most int) *recent.Cache[string, *author] {
	return recent.NewCache(most, func(did string) *author { return &author{did: did, shownAs: unknownAuthor(did)} })
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
