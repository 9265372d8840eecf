package bluesky

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"nagare/stream"
)

// handleEvent processes a message from the reader.
func (s *session) handleEvent(r received) error {
	if r.err != nil {
		return r.err
	}
	if s.note(r.anomaly); r.event == nil {
		return s.skip(r.anomaly)
	}
	e := r.event
	if isTime(e.TimeUS) && s.b.clock.Event(e.time()) {
		if err := s.emitGap(e); err != nil {
			return err
		}
		s.seen = max(s.seen, e.TimeUS)
	}
	op, ok, err := e.op(s.b.clock.Now())
	s.note(err)
	if err := s.legible.Add(s.b, err, s.emit); err != nil {
		return err
	}
	if ok {
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
	return s.handleOp(op, e)
}

// handleOp emits the op of an event, and updates what is known of its post and its author.
func (s *session) handleOp(op stream.Op, e *event) error {
	switch op.Kind {
	case stream.Create, stream.Update:
		return s.handlePost(op, e, time.Now())
	case stream.Destroy:
		s.held.take(func(held heldPost) bool { return held.op.ID == op.ID })
		delete(s.b.quotes.posts, e.uri())
	case stream.AuthorGone:
		s.held.take(byAuthor(e.DID))
		s.b.quotes.removeBy(e.DID)
	case stream.AuthorBack:
		if s.b.lookups.hidden.Has(e.DID) {
			return nil // the account is active again, but its author still excludes visitors
		}
	}
	return s.emit(op)
}

// skip processes a message that can't be read.
func (s *session) skip(anomaly error) error {
	if errors.Is(anomaly, errTooLarge) {
		if err := s.emit(stream.NewNotice(s.b, stream.Lost, stream.Notice{Count: 1})); err != nil {
			return err
		}
	}
	return s.legible.Add(s.b, anomaly, s.emit)
}

// note counts an anomaly, unless err is nil.
func (s *session) note(err error) {
	if err != nil {
		s.b.anomalies.Note(s.log, slog.LevelDebug, err.Error())
	}
}

// emitGap reports a gap before the first event of a connection, if there is one.
func (s *session) emitGap(e *event) error {
	if s.started {
		return nil
	}
	s.started = true
	to, missed := s.resumed.gap(e.time().UTC(), s.b.clock.Now(), s.b.narrow())
	if !missed {
		return nil
	}
	const reason = "the server no longer had what came after our last post"
	return s.emit(stream.NewNotice(s.b, stream.Gap, stream.Notice{From: s.resumed.time(), To: to, Reason: reason}))
}

// filter applies the sample and the filter, so that no author of an unwanted post is looked up.
// Here only the DIDs of the author and of the quoted author are known; the filter around emit
// checks the handles and the labels later.
func (s *session) filter(op stream.Op) (stream.Op, bool) {
	if op.Kind == stream.Create && !s.b.sampled(op.ID) {
		return stream.Op{}, false
	}
	op, ok := s.b.Filter.Apply(op)
	if !ok || op.Post == nil || op.Post.Quote == nil {
		return op, ok
	}
	quoted, _ := parseATURI(strings.TrimPrefix(op.Post.Quote.ID, "bluesky:"))
	if author := unknownAuthor(quoted.did); !s.b.Filter.Blocks(&author) {
		return op, true
	}
	if op.Kind == stream.Create {
		return stream.Op{}, false
	}
	return stream.Op{Kind: stream.Destroy, At: op.At, ID: op.ID, Reason: stream.Unwanted}, true
}

// handlePost emits a post, holds it until its author is looked up, or leaves it out if the
// author is hidden.
func (s *session) handlePost(op stream.Op, e *event, now time.Time) error {
	lookups := s.b.lookups
	a := lookups.seen(e.DID, now)
	if lookups.hidden.Has(e.DID) {
		return nil
	}
	post := heldPost{op: op, did: e.DID, us: e.TimeUS, until: now.Add(s.b.hold())}
	if reply := e.Commit.Record.Reply; reply != nil {
		parent, _ := parseATURI(reply.Parent.URI)
		if post.parent = parent.did; post.parent != "" {
			lookups.seenParent(post.parent, now)
		}
	}
	refused := lookups.refusal != nil
	switch {
	case a.lookedUp:
		return s.emitPost(post)
	case a.refused:
		return s.drop(post)
	case !refused && (a.shown || s.b.hold() <= 0 || !lookups.healthy()):
		return s.emitPost(post)
	}
	s.held = append(s.held, post)
	if did, ok := s.held.expired(now.Add(-lookups.patience())); ok { // mostly because too many wait
		return s.releaseExpired(did)
	}
	return nil
}

// drop leaves out a post whose author could not be looked up, and counts it. If the post is an
// edit, it emits a delete, because the earlier version is outdated.
func (s *session) drop(post heldPost) error {
	s.b.dropped++
	if post.op.Kind != stream.Update {
		return nil
	}
	delete(s.b.quotes.posts, post.uri())
	return s.emit(stream.Op{Kind: stream.Destroy, At: post.op.At, ID: post.op.ID, Reason: stream.Unavailable})
}

// releaseExpired emits the held posts of an author who was not looked up in time. If the
// service refuses all lookups, or that of this author, it drops the posts.
func (s *session) releaseExpired(did string) error {
	if lookups := s.b.lookups; lookups.refusal == nil && !lookups.authors.Get(did).refused {
		return s.releaseHeld(did)
	}
	for _, held := range s.held.take(byAuthor(did)) {
		if err := s.drop(held); err != nil {
			return err
		}
	}
	return nil
}

// emitPost emits a new post or an edit. If it quotes a post, an update with that post follows. An
// edit keeps the quoted post of the version before.
func (s *session) emitPost(post heldPost) error {
	p := post.op.Post
	if before := s.b.quotes.posts[post.uri()]; before != nil && before.op.Post.Quoted() != nil && p.Quote != nil && p.Quote.ID == before.op.Post.Quote.ID {
		p.Quote = before.op.Post.Quote
	}
	if err := s.emitFilled(post); err != nil {
		return err
	}
	s.track(post)
	return nil
}

// emitFilled emits a post with what is known of its author and of the author that it replies to.
// An update of the latter follows when their name is known.
func (s *session) emitFilled(post heldPost) error {
	p, a := post.op.Post, s.b.lookups.authors.Get(post.did)
	a.shown = true
	p.Author = a.shownAs
	p.Sensitive = p.Sensitive || a.labels.any(coverLabels)
	if parent, ok := s.b.lookups.authors.Known(post.parent); ok && p.ReplyTo != nil {
		parent.named = true
		p.ReplyTo = &stream.Reply{Key: p.ReplyTo.Key, Handle: parent.shownAs.Handle, URL: p.ReplyTo.URL}
	}
	return s.emit(post.op)
}

// releaseHeld emits the held posts of an author.
func (s *session) releaseHeld(did string) error {
	for _, held := range s.held.take(byAuthor(did)) {
		if err := s.emitPost(held); err != nil {
			return err
		}
	}
	return nil
}
