package stream

import (
	"errors"
	"time"
)

// hear does what the reader's news asks for.
func (s *bskySession) hear(n bskyNews) error {
	s.b.odd.note(s.log, n.odd)
	switch {
	case errors.Is(n.odd, errTooLarge):
		return s.emit(notice(s.b, Lost, Notice{Count: 1}))
	case n.event == nil:
		return n.end
	}
	e, now := n.event, time.Now()
	if err := s.tellGap(e, now); err != nil {
		return err
	}
	if plausible(e.TimeUS, now) {
		s.seen = max(s.seen, e.TimeUS)
	}
	op, ok, err := e.op(now)
	if s.b.odd.note(s.log, err); ok {
		op, ok = s.chosen(op)
	}
	switch {
	case e.Kind == "identity":
		s.moved(e.DID)
		return nil
	case e.Kind == "commit" && e.Commit.Collection == bskyProfiles:
		return s.changed(e)
	case !ok:
		return nil
	}
	switch op.Kind {
	case Create, Update:
		return s.post(op, e, now)
	case Destroy:
		s.hold.take(func(held bskyPost) bool { return held.op.ID == op.ID })
	case AuthorGone:
		s.hold.take(of(e.DID))
	case AuthorBack:
		if s.b.people.hidden.has(e.DID) {
			return nil // he is back at the network, but not for visitors
		}
	}
	return s.emit(op)
}

// tellGap tells, once, what is missing between where we were and the first event.
func (s *bskySession) tellGap(e *bskyEvent, now time.Time) error {
	if s.started || !plausible(e.TimeUS, now) {
		return nil
	}
	s.started = true
	to, missed := s.opened.gap(e.time().UTC(), now.UTC(), s.b.narrow())
	if !missed {
		return nil
	}
	const reason = "the server no longer had what came after our last post"
	return s.emit(notice(s.b, Gap, Notice{From: s.opened.time(), To: to, Reason: reason}))
}

// chosen is op as far as it was asked for. Of its author no more than the DID is known
// yet: what the rest of him decides is left to the filter in front of emit. Nobody is
// looked up whose posts would not be shown anyway.
func (s *bskySession) chosen(op Op) (Op, bool) {
	if op.Kind == Create && !s.b.sampled(op.ID) {
		return Op{}, false
	}
	return s.b.Filter.Apply(op)
}

// post lets a post out, unless nobody may see it, or its author has to be looked up
// first.
func (s *bskySession) post(op Op, e *bskyEvent, now time.Time) error {
	people := s.b.people
	person := people.person(e.DID, now)
	if people.hidden.has(e.DID) {
		return nil
	}
	post := bskyPost{op: op, did: e.DID, us: e.TimeUS, until: now.Add(s.b.hold())}
	if reply := e.Commit.Record.Reply; reply != nil {
		parent, _ := parseATURI(reply.Parent.URI)
		post.parent = parent.did
	}
	if person.known || person.out || s.b.hold() <= 0 || !people.well() {
		return s.out(post)
	}
	s.hold = append(s.hold, post)
	if did, ok := s.hold.due(now); ok { // too many
		return s.release(did)
	}
	return nil
}

// out emits a post with what is known of people by now.
func (s *bskySession) out(post bskyPost) error {
	t, person := post.op.Post, s.b.people.get(post.did)
	person.out = true
	t.Author = person.author
	t.Sensitive = t.Sensitive || person.sensitive
	if parent, ok := s.b.people.known(post.parent); ok && t.ReplyTo != nil {
		t.ReplyTo.Handle = parent.author.Handle
	}
	return s.emit(post.op)
}

// release lets out what an author has waiting.
func (s *bskySession) release(did string) error {
	for _, held := range s.hold.take(of(did)) {
		if err := s.out(held); err != nil {
			return err
		}
	}
	return nil
}
