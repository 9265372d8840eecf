package stream

import (
	"errors"
	"time"
)

// learn does what a look-up asks for. One that failed ends all waiting: posts flow.
func (s *bskySession) learn(a bskyAnswer) error {
	people, now := s.b.people, time.Now()
	if a.err != nil {
		if people.well() {
			s.log.Warn("authors can't be looked up, going on without their names", "err", a.err)
		}
		var status *statusError
		var wanted time.Duration
		if errors.As(a.err, &status) {
			wanted = status.wait
		}
		people.failed(a.asked, !isPermanent(a.err), wanted, now)
		for len(s.hold) > 0 {
			if err := s.release(s.hold[0].did); err != nil {
				return err
			}
		}
		return nil
	}
	people.answered()
	for _, did := range a.asked {
		if err := s.meet(did, a.found[did], now); err != nil {
			return err
		}
	}
	return nil
}

// meet takes note of a profile, and lets out what waited for it.
func (s *bskySession) meet(did string, found *bskyProfile, now time.Time) error {
	before := s.b.people.get(did).author
	person := s.b.people.learn(did, found, now)
	if found != nil {
		if err := s.hide(did, bskyLabels{found.Labels}); err != nil {
			return err
		}
	}
	if s.b.people.hidden.has(did) {
		return nil
	}
	if err := s.renamed(person, before); err != nil {
		return err
	}
	return s.release(did)
}

// hide emits that an author is no longer to be shown, by the labels of the account, or
// is again.
func (s *bskySession) hide(did string, labels bskyLabels) error {
	why, hidden := labels.hide()
	was := s.b.people.hidden.has(did)
	if hidden {
		s.hold.take(of(did))
		s.b.people.hidden.add(did)
	} else {
		s.b.people.hidden.remove(did)
	}
	if was == hidden {
		return nil
	}
	op := Op{Kind: AuthorBack, At: time.Now(), Author: &Author{Key: "bluesky:" + did}}
	if hidden {
		op.Kind, op.Reason = AuthorGone, why
	}
	return s.emit(op)
}

// renamed tells if an author of whom something is shown looks different now.
func (s *bskySession) renamed(person *bskyPerson, before Author) error {
	author := person.author
	if !person.out || author.Handle == before.Handle && author.Name == before.Name && author.Avatar == before.Avatar {
		return nil
	}
	return s.emit(Op{Kind: AuthorUpdate, At: time.Now(), Author: &author})
}

// moved takes note that an author may have another handle. Only those matter of
// whom something is or was to be shown.
func (s *bskySession) moved(did string) {
	if person, ok := s.b.people.known(did); ok {
		person.moved = true
		s.b.people.ask(person)
	}
}

// changed takes over what a profile says, which is all but the handle. That somebody
// may be shown again it doesn't believe before it has asked.
func (s *bskySession) changed(e *bskyEvent) error {
	record := &e.Commit.Record
	if _, hidden := record.Labels.hide(); hidden {
		return s.hide(e.DID, record.Labels)
	}
	person, ok := s.b.people.known(e.DID)
	switch {
	case s.b.people.hidden.has(e.DID):
		s.b.people.ask(s.b.people.get(e.DID))
		return nil
	case !ok:
		return nil
	case record.Type != bskyProfiles || !person.known:
		s.b.people.ask(person)
		return nil
	}
	before := person.author
	person.author.Name, person.author.Avatar = record.DisplayName, record.Avatar.image(e.DID, "avatar")
	return s.renamed(person, before)
}
