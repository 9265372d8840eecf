package bluesky

import (
	"errors"
	"log/slog"
	"time"

	"nagare/stream"
)

// hear does what the reader's news asks for.
func (s *session) handleEvent(n received) error {
	s.note(n.anomaly)
	switch {
	case errors.Is(n.anomaly, errTooLarge):
		return s.emit(stream.NewNotice(s.b, stream.Lost, stream.Notice{Count: 1}))
	case n.event == nil:
		return n.err
	}
	e, now := n.event, time.Now()
	if err := s.emitGap(e, now); err != nil {
		return err
	}
	if plausible(e.TimeUS, now) {
		s.seen = max(s.seen, e.TimeUS)
	}
	op, ok, err := e.op(now)
	if s.note(err); ok {
		op, ok = s.filter(op)
	}
	switch {
	case e.Kind == "identity":
		s.onHandleChange(e.DID)
		return nil
	case e.Kind == "commit" && e.Commit.Collection == profileCollection:
		return s.onProfileChange(e)
	case !ok:
		return nil
	}
	switch op.Kind {
	case stream.Create, stream.Update:
		return s.handlePost(op, e, now)
	case stream.Destroy:
		s.hold.take(func(held heldPost) bool { return held.op.ID == op.ID })
	case stream.AuthorGone:
		s.hold.take(byAuthor(e.DID))
	case stream.AuthorBack:
		if s.b.people.hidden.Has(e.DID) {
			return nil // he is back at the network, but not for visitors
		}
	}
	return s.emit(op)
}

// note counts an anomaly; nil is none.
func (s *session) note(err error) {
	if err != nil {
		s.b.anomalies.Note(s.log, slog.LevelDebug, err.Error())
	}
}

// tellGap tells, once, what is missing between where we were and the first event.
func (s *session) emitGap(e *event, now time.Time) error {
	if s.started || !plausible(e.TimeUS, now) {
		return nil
	}
	s.started = true
	to, missed := s.opened.gap(e.time().UTC(), now.UTC(), s.b.narrow())
	if !missed {
		return nil
	}
	const reason = "the server no longer had what came after our last post"
	return s.emit(stream.NewNotice(s.b, stream.Gap, stream.Notice{From: s.opened.time(), To: to, Reason: reason}))
}

// chosen is op as far as it was asked for. Of its author no more than the DID is known
// yet: what the rest of him decides is left to the filter in front of emit. Nobody is
// looked up whose posts would not be shown anyway.
func (s *session) filter(op stream.Op) (stream.Op, bool) {
	if op.Kind == stream.Create && !s.b.sampled(op.ID) {
		return stream.Op{}, false
	}
	return s.b.Filter.Apply(op)
}

// post lets a post out, unless nobody may see it, or its author has to be looked up
// first.
func (s *session) handlePost(op stream.Op, e *event, now time.Time) error {
	people := s.b.people
	person := people.seen(e.DID, now)
	if people.hidden.Has(e.DID) {
		return nil
	}
	post := heldPost{op: op, did: e.DID, us: e.TimeUS, until: now.Add(s.b.hold())}
	if reply := e.Commit.Record.Reply; reply != nil {
		parent, _ := parseATURI(reply.Parent.URI)
		post.parent = parent.did
	}
	if person.known || person.shown || s.b.hold() <= 0 || !people.healthy() {
		return s.emitPost(post)
	}
	s.hold = append(s.hold, post)
	if did, ok := s.hold.expired(now); ok { // too many
		return s.releaseHeld(did)
	}
	return nil
}

// out emits a post with what is known of people by now.
func (s *session) emitPost(post heldPost) error {
	t, person := post.op.Post, s.b.people.authors.Get(post.did)
	person.shown = true
	t.Author = person.author
	t.Sensitive = t.Sensitive || person.sensitive
	if parent, ok := s.b.people.authors.Known(post.parent); ok && t.ReplyTo != nil {
		t.ReplyTo.Handle = parent.author.Handle
	}
	return s.emit(post.op)
}

// release lets out what an author has waiting.
func (s *session) releaseHeld(did string) error {
	for _, held := range s.hold.take(byAuthor(did)) {
		if err := s.emitPost(held); err != nil {
			return err
		}
	}
	return nil
}
