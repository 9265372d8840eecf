package mastodon

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/internal/text"
)

// mastoFeed is one connection: what its reader, and the one who looks up what was
// missed, have in common.
type connection struct {
	m      *Source
	domain string // set once
	stop   func() // set once; ends the connection

	onDelivered func(do func()) // set once

	mu          sync.Mutex // guards what follows and what m remembers; held while emit is called
	emit        func(stream.Op) error
	emitErr     error     // what emit said
	last        cursor    // up to there everything was emitted, or announced as missing
	backfilling bool      // what was missed is being looked up
	newest      statusID  // that came by the stream meanwhile
	heard       time.Time // when something last came

	saved, savedPosts time.Time // when that was done last
}

func newConnection(m *Source, domain string, emit func(stream.Op) error, stop func(), from cursor) *connection {
	return &connection{
		m: m, domain: domain, emit: emit, stop: stop, last: from,
		backfilling: !from.at.IsZero(), heard: time.Now(), saved: time.Now(), savedPosts: time.Now(),
	}
}

// read takes what the server says until it falls silent.
func (f *connection) read(body io.Reader) error {
	events := lines.NewEventReader(readFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		if n > 0 {
			f.mu.Lock()
			f.heard = time.Now()
			f.mu.Unlock()
		}
		return n, err
	}))
	for {
		e, err := events.Next()
		switch {
		case errors.Is(err, lines.ErrLongEvent):
			err = f.emitLost()
		case err == nil:
			err = f.handleEvent(e)
		case errors.Is(err, io.EOF):
			err = stream.WithFault(stream.FaultUnreachable, errors.New("the server ended the stream"))
		}
		if err != nil {
			return f.endReason(err)
		}
	}
}

// reason is why reading ended: it may be what emit said to the other.
func (f *connection) endReason(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.emitErr != nil {
		return f.emitErr
	}
	return err
}

// take does what a message of the stream says.
func (f *connection) handleEvent(e lines.Event) error {
	event, err := decodeEvent(e.Name, e.Data)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.note(err.Error(), e.Name)
	}
	switch event.kind {
	case stream.Destroy:
		return f.destroy(event.deleted, stream.ByAuthor)
	case stream.Create:
		if err := f.post(stream.Create, event.status); err != nil {
			return err
		}
		f.advance(event.status.ID)
	case stream.Update:
		return f.post(stream.Update, event.status)
	}
	return nil
}

// post emits a post, unless its delete has come already. f.mu is held.
func (f *connection) post(kind stream.Kind, s *status) error {
	v := view{domain: f.domain, unlisted: f.m.Unlisted, now: time.Now()}
	op, ok := v.op(kind, s)
	if !ok {
		f.m.anomalies.Add("a post that is not for everybody")
		if key, was := v.withdrawn(f.m.index, s); was {
			return f.emitOp(stream.Op{Kind: stream.Destroy, At: v.now, ID: key, Reason: stream.Unavailable})
		}
		return nil
	}
	gone, quoted := false, v.shown(cmp.Or(s.Reblog, s).quote)
	for _, part := range []*status{s, s.Reblog, quoted} {
		if part == nil {
			continue
		}
		why := f.m.index.add(part.ID, v.key(part))
		if why == "" {
			continue
		}
		if err := f.emitOp(stream.Op{Kind: stream.Destroy, At: v.now, ID: v.key(part), Reason: why}); err != nil {
			return err
		}
		gone = gone || part != quoted
	}
	if gone {
		return nil
	}
	return f.emitOp(op)
}

// destroy emits a delete. Of most posts that are deleted we have never heard, but the
// post may still come, out of the timeline of what was missed. f.mu is held.
func (f *connection) destroy(local string, why stream.Reason) error {
	key, known := f.m.index.delete(statusID(local), why)
	if !known {
		f.m.anomalies.Add("a delete of an unknown post")
		return nil
	}
	f.m.delivered.addDelete(statusID(local))
	if err := f.emitOp(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: key, Reason: why}); err != nil {
		return err
	}
	f.acknowledgeLater()
	return nil
}

// lost tells that a message was too long to be read.
func (f *connection) emitLost() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note("a message of over 4 MiB", "")
	return f.emitOp(stream.NewNotice(f.m, stream.Lost, stream.Notice{Count: 1}))
}

// tell emits. f.mu is held.
func (f *connection) emitOp(op stream.Op) error {
	if f.emitErr == nil {
		f.emitErr = f.emit(op)
	}
	if f.emitErr != nil {
		f.stop()
	}
	return f.emitErr
}

// note counts an anomaly.
func (f *connection) note(kind, detail string) {
	f.m.anomalies.Note(f.m.log(), slog.LevelWarn, stream.Redact(text.OneLine(kind), f.m.Token),
		"detail", text.Truncate(stream.Redact(text.OneLine(detail), f.m.Token), 100))
}

// readFunc is a reader made of one function.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
