package stream

import (
	"cmp"
	"errors"
	"io"
	"sync"
	"time"
)

// mastoFeed is one connection: what its reader, and the one who looks up what was
// missed, have in common.
type mastoFeed struct {
	m      *Mastodon
	domain string // set once
	stop   func() // set once; ends the connection

	whenHanded func(do func()) // set once

	mu       sync.Mutex // guards what follows and what m remembers; held while emit is called
	emit     func(Op) error
	objected error       // what emit said
	last     mastoCursor // up to there everything was emitted, or announced as missing
	filling  bool        // what was missed is being looked up
	newest   mastoID     // that came by the stream meanwhile
	heard    time.Time   // when something last came

	saved, savedPosts time.Time // when that was done last
}

func newMastoFeed(m *Mastodon, domain string, emit func(Op) error, stop func(), from mastoCursor) *mastoFeed {
	return &mastoFeed{
		m: m, domain: domain, emit: emit, stop: stop, last: from,
		filling: !from.at.IsZero(), heard: time.Now(), saved: time.Now(), savedPosts: time.Now(),
	}
}

// read takes what the server says until it falls silent.
func (f *mastoFeed) read(body io.Reader) error {
	events := newSSEReader(readFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		if n > 0 {
			f.mu.Lock()
			f.heard = time.Now()
			f.mu.Unlock()
		}
		return n, err
	}))
	for {
		e, err := events.next()
		switch {
		case errors.Is(err, errLongEvent):
			err = f.lost()
		case err == nil:
			err = f.take(e)
		case errors.Is(err, io.EOF):
			err = WithFault(FaultUnreachable, errors.New("the server ended the stream"))
		}
		if err != nil {
			return f.reason(err)
		}
	}
}

// reason is why reading ended: it may be what emit said to the other.
func (f *mastoFeed) reason(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.objected != nil {
		return f.objected
	}
	return err
}

// take does what a message of the stream says.
func (f *mastoFeed) take(e sseEvent) error {
	event, err := decodeMastoEvent(e.name, e.data)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.strange(err.Error(), e.name)
	}
	switch event.kind {
	case Destroy:
		return f.destroy(event.deleted, ByAuthor)
	case Create:
		if err := f.post(Create, event.status); err != nil {
			return err
		}
		f.reached(event.status.ID)
	case Update:
		return f.post(Update, event.status)
	}
	return nil
}

// post emits a post, unless its delete has come already. f.mu is held.
func (f *mastoFeed) post(kind Kind, s *mastoStatus) error {
	v := mastoView{domain: f.domain, unlisted: f.m.Unlisted, now: time.Now()}
	op, ok := v.op(kind, s)
	if !ok {
		f.m.odd["a post that is not for everybody"]++
		if key, was := v.noMore(f.m.index, s); was {
			return f.tell(Op{Kind: Destroy, At: v.now, ID: key, Reason: Unavailable})
		}
		return nil
	}
	gone, quoted := false, v.shown(cmp.Or(s.Reblog, s).quote)
	for _, part := range []*mastoStatus{s, s.Reblog, quoted} {
		if part == nil {
			continue
		}
		why := f.m.index.met(part.ID, v.key(part))
		if why == "" {
			continue
		}
		if err := f.tell(Op{Kind: Destroy, At: v.now, ID: v.key(part), Reason: why}); err != nil {
			return err
		}
		gone = gone || part != quoted
	}
	if gone {
		return nil
	}
	return f.tell(op)
}

// destroy emits a delete. Of most posts that are deleted we have never heard, but the
// post may still come, out of the timeline of what was missed. f.mu is held.
func (f *mastoFeed) destroy(local string, why Reason) error {
	key, known := f.m.index.killed(mastoID(local), why)
	if !known {
		f.m.odd["a delete of an unknown post"]++
		return nil
	}
	f.m.handed.died(mastoID(local))
	if err := f.tell(Op{Kind: Destroy, At: time.Now(), ID: key, Reason: why}); err != nil {
		return err
	}
	f.mark()
	return nil
}

// lost tells that a message was too long to be read.
func (f *mastoFeed) lost() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.strange("a message of over 4 MiB", "")
	return f.tell(notice(f.m, Lost, Notice{Count: 1}))
}

// tell emits. f.mu is held.
func (f *mastoFeed) tell(op Op) error {
	if f.objected == nil {
		f.objected = f.emit(op)
	}
	if f.objected != nil {
		f.stop()
	}
	return f.objected
}

// strange counts what was not understood, and logs it the first time. f.mu is held.
func (f *mastoFeed) strange(what, detail string) {
	if len(f.m.odd) >= 100 { // some of it the server names
		what = "something else"
	}
	if f.m.odd[what]++; f.m.odd[what] == 1 {
		f.m.log().Warn("not understood; further ones are only counted",
			"what", hide(oneLine(what), f.m.Token), "detail", cutRunes(hide(oneLine(detail), f.m.Token), 100))
	}
}

// readFunc is a reader made of one function.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
