package bluesky

import (
	"errors"
	"fmt"
	"time"

	"nagare/stream"
)

// applyProfiles applies the result of a lookup.
func (s *session) applyProfiles(a answer[profile]) error {
	lookups, now := s.b.lookups, time.Now()
	if a.err != nil {
		return s.lookupFailed(a, now)
	}
	lookups.answered()
	for _, did := range a.keys {
		if err := s.applyProfile(did, a.found[did], now); err != nil {
			return err
		}
	}
	if lookups.recovered() {
		return s.emit(stream.NewLive(s.b))
	}
	return nil
}

// lookupFailed applies a failed lookup. If the service is slow or broken, all held posts are
// released without names. If the service refuses to answer, the held posts wait longer: their
// authors may exclude visitors.
func (s *session) lookupFailed(a answer[profile], now time.Time) error {
	lookups := s.b.lookups
	wanted := wantedWait(a.err)
	if isRefusal(a.err) {
		before := lookups.refusal
		if lookups.refused(a.keys, a.err, wanted, now); before == nil && lookups.refusal != nil {
			s.log.Warn("lookups of authors are refused, leaving out the posts of unknown authors", "err", a.err)
		}
		return s.emitRefusal()
	}
	if lookups.healthy() {
		s.log.Warn("authors can't be looked up, going on without their names", "err", a.err)
	}
	lookups.failed(a.keys, wanted, now)
	for len(s.held) > 0 && lookups.refusal == nil {
		if err := s.releaseExpired(s.held[0].did); err != nil {
			return err
		}
	}
	return nil
}

// isRefusal reports whether the API refuses a request, or a proxy in front of it: what was asked
// for may exclude visitors, so it must not be shown.
func isRefusal(err error) bool {
	status, ok := errors.AsType[*stream.StatusError](err)
	return ok && status.IsRefusal()
}

// wantedWait is how long the server asks us to wait.
func wantedWait(err error) time.Duration {
	if status, ok := errors.AsType[*stream.StatusError](err); ok {
		return status.Wait
	}
	return 0
}

// emitRefusal emits the reason if posts of unknown authors are being left out. While requests
// still have several authors it emits nothing, because one invalid author may be the cause.
func (s *session) emitRefusal() error {
	lookups := s.b.lookups
	if lookups.refusal == nil || lookups.batchSize > 1 {
		return nil
	}
	why := fmt.Errorf("lookups of authors are refused, posts of unknown authors are left out: %w", lookups.refusal)
	return s.emit(stream.NewStatus(s.b, stream.Waiting, why, lookups.pausedUntil))
}

// emitDropped emits how many posts were left out since the last such report.
func (s *session) emitDropped() error {
	n := s.b.dropped
	if n == 0 {
		return nil
	}
	s.b.dropped = 0
	return s.emit(stream.NewNotice(s.b, stream.Lost, stream.Notice{Count: n}))
}

// applyProfile records a profile, and releases the author's held posts.
func (s *session) applyProfile(did string, found *profile, now time.Time) error {
	before := s.b.lookups.authors.Get(did).shownAs
	a := s.b.lookups.store(did, found, now, s.b.clock.Now())
	if found != nil {
		if err := s.setHidden(did, a.labels); err != nil {
			return err
		}
	}
	if s.b.lookups.hidden.Has(did) {
		return nil
	}
	if err := s.onAuthorChange(a, before); err != nil {
		return err
	}
	return s.releaseHeld(did)
}

// setHidden emits AuthorGone if the labels of an account begin to forbid showing the author,
// and AuthorBack if they no longer do.
func (s *session) setHidden(did string, labels labels) error {
	why, hidden := labels.hide()
	was := s.b.lookups.hidden.Has(did)
	if hidden {
		s.held.take(byAuthor(did))
		s.b.quotes.removeBy(did)
		s.b.lookups.hidden.Add(did)
	} else {
		s.b.lookups.hidden.Remove(did)
	}
	if was == hidden {
		return nil
	}
	op := stream.Op{Kind: stream.AuthorBack, At: s.b.clock.Now(), Author: &stream.Author{Key: "bluesky:" + did}}
	if hidden {
		op.Kind, op.Reason = stream.AuthorGone, why
	}
	return s.emit(op)
}

// onAuthorChange emits the new name, handle or avatar of an author of a post or of its parent.
func (s *session) onAuthorChange(a *author, before stream.Author) error {
	author := a.shownAs
	if !a.shown && !a.named || author.Handle == before.Handle && author.Name == before.Name && author.Avatar == before.Avatar {
		return nil
	}
	return s.emit(stream.Op{Kind: stream.AuthorUpdate, At: s.b.clock.Now(), Author: &author})
}

// onHandleChange queues a lookup of an author whose handle may have changed. An author who
// isn't in the cache is ignored: none of their recent posts was wanted.
func (s *session) onHandleChange(did string) {
	if a, ok := s.b.lookups.authors.Known(did); ok {
		a.handleChanged = true
		s.b.lookups.ask(a)
	}
}

// onProfileChange applies an edit of a profile record, which has everything but the handle. A
// hidden author is shown again only after a lookup, because the record lacks the labels of
// moderators.
func (s *session) onProfileChange(e *event) error {
	record := &e.Commit.Record
	if _, hidden := record.Labels.hide(); hidden {
		return s.setHidden(e.DID, record.Labels)
	}
	a, ok := s.b.lookups.authors.Known(e.DID)
	switch {
	case s.b.lookups.hidden.Has(e.DID):
		s.b.lookups.ask(s.b.lookups.authors.Get(e.DID))
		return nil
	case !ok:
		return nil
	case record.Type != profileCollection || !a.lookedUp:
		s.b.lookups.ask(a)
		return nil
	}
	before := a.shownAs
	a.setProfile(record.DisplayName, record.Avatar.image(e.DID, "avatar"), a.recordLabels, record.Labels)
	if a.recordLabels.covers() { // after such an edit, a moderator may have revoked the labels
		s.b.lookups.ask(a)
	}
	return s.onAuthorChange(a, before)
}
