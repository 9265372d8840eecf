package bluesky

import (
	"errors"
	"time"

	"nagare/stream"
)

// learn does what a look-up asks for. One that failed ends all waiting: posts flow.
func (s *session) applyProfiles(a lookupResult) error {
	people, now := s.b.people, time.Now()
	if a.err != nil {
		if people.healthy() {
			s.log.Warn("authors can't be looked up, going on without their names", "err", a.err)
		}
		var status *stream.StatusError
		var wanted time.Duration
		if errors.As(a.err, &status) {
			wanted = status.Wait
		}
		people.failed(a.dids, !stream.IsPermanent(a.err), wanted, now)
		for len(s.hold) > 0 {
			if err := s.releaseHeld(s.hold[0].did); err != nil {
				return err
			}
		}
		return nil
	}
	people.answered()
	for _, did := range a.dids {
		if err := s.applyProfile(did, a.found[did], now); err != nil {
			return err
		}
	}
	return nil
}

// meet takes note of a profile, and lets out what waited for it.
func (s *session) applyProfile(did string, found *profile, now time.Time) error {
	before := s.b.people.authors.Get(did).author
	person := s.b.people.store(did, found, now)
	if found != nil {
		if err := s.setHidden(did, labels{found.Labels}); err != nil {
			return err
		}
	}
	if s.b.people.hidden.Has(did) {
		return nil
	}
	if err := s.onAuthorChange(person, before); err != nil {
		return err
	}
	return s.releaseHeld(did)
}

// hide emits that an author is no longer to be shown, by the labels of the account, or
// is again.
func (s *session) setHidden(did string, labels labels) error {
	why, hidden := labels.hide()
	was := s.b.people.hidden.Has(did)
	if hidden {
		s.hold.take(byAuthor(did))
		s.b.people.hidden.Add(did)
	} else {
		s.b.people.hidden.Remove(did)
	}
	if was == hidden {
		return nil
	}
	op := stream.Op{Kind: stream.AuthorBack, At: time.Now(), Author: &stream.Author{Key: "bluesky:" + did}}
	if hidden {
		op.Kind, op.Reason = stream.AuthorGone, why
	}
	return s.emit(op)
}

// renamed tells if an author of whom something is shown looks different now.
func (s *session) onAuthorChange(person *author, before stream.Author) error {
	author := person.author
	if !person.shown || author.Handle == before.Handle && author.Name == before.Name && author.Avatar == before.Avatar {
		return nil
	}
	return s.emit(stream.Op{Kind: stream.AuthorUpdate, At: time.Now(), Author: &author})
}

// moved takes note that an author may have another handle. Only those matter of
// whom something is or was to be shown.
func (s *session) onHandleChange(did string) {
	if person, ok := s.b.people.authors.Known(did); ok {
		person.handleChanged = true
		s.b.people.ask(person)
	}
}

// changed takes over what a profile says, which is all but the handle. That somebody
// may be shown again it doesn't believe before it has asked.
func (s *session) onProfileChange(e *event) error {
	record := &e.Commit.Record
	if _, hidden := record.Labels.hide(); hidden {
		return s.setHidden(e.DID, record.Labels)
	}
	person, ok := s.b.people.authors.Known(e.DID)
	switch {
	case s.b.people.hidden.Has(e.DID):
		s.b.people.ask(s.b.people.authors.Get(e.DID))
		return nil
	case !ok:
		return nil
	case record.Type != profileCollection || !person.known:
		s.b.people.ask(person)
		return nil
	}
	before := person.author
	person.author.Name, person.author.Avatar = record.DisplayName, record.Avatar.image(e.DID, "avatar")
	return s.onAuthorChange(person, before)
}
