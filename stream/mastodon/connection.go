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

// connection is one open stream. Two goroutines use it: read handles the stream, and backfill
// what was missed before.
type connection struct {
	// Set once.

	source      *Source
	domain      string          // of the server
	stop        func()          // ends the connection
	onDelivered func(do func()) // calls do when everything emitted before is acknowledged

	mu sync.Mutex // guards the fields below and source.index; held while emit runs

	emit        func(stream.Op) error
	emitErr     error     // the first error of emit
	last        cursor    // the position up to which all posts were emitted, or reported as a gap
	backfilling bool      // the backfill is not done yet
	newest      statusID  // the newest post that the stream sent during the backfill
	lastRead    time.Time // when the server last sent anything
	cursorSaved time.Time
	indexSaved  time.Time
}

func newConnection(source *Source, domain string, emit func(stream.Op) error, stop func(), from cursor) *connection {
	now := time.Now()
	return &connection{
		source: source, domain: domain, emit: emit, stop: stop, last: from,
		backfilling: !from.at.IsZero(), lastRead: now, cursorSaved: now, indexSaved: now,
	}
}

// read handles events until the stream breaks or emit fails.
func (c *connection) read(body io.Reader) error {
	events := lines.NewEventReader(readFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		if n > 0 {
			c.mu.Lock()
			c.lastRead = time.Now()
			c.mu.Unlock()
		}
		return n, err
	}))
	for {
		e, err := events.Next()
		switch {
		case errors.Is(err, lines.ErrLongEvent):
			err = c.emitLost()
		case err == nil:
			err = c.handleEvent(e)
		case errors.Is(err, io.EOF):
			err = stream.WithFault(stream.FaultUnreachable, errors.New("the server ended the stream"))
		}
		if err != nil {
			return c.endReason(err)
		}
	}
}

// endReason is the error that ended the connection. If emit failed in the backfill, err says
// only that the connection was closed.
func (c *connection) endReason(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cmp.Or(c.emitErr, err)
}

// handleEvent emits the op of an event of the stream.
func (c *connection) handleEvent(e lines.Event) error {
	event, err := decodeEvent(e.Name, e.Data)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.note(stream.Plain(err).Error(), e.Name)
	}
	switch event.kind {
	case stream.Destroy:
		return c.destroy(event.deleted, stream.ByAuthor)
	case stream.Create:
		if err := c.post(stream.Create, event.status); err != nil {
			return err
		}
		c.advance(event.status.ID)
	case stream.Update:
		return c.post(stream.Update, event.status)
	}
	return nil
}

// post emits a post. If the post, its boosted post or its quoted post was deleted before it
// arrived, post emits that delete, because the consumer may have the deleted post from another
// source. It then emits the post only if just the quoted post was deleted. c.mu is held.
func (c *connection) post(kind stream.Kind, s *status) error {
	index := c.source.index
	v := view{domain: c.domain, unlisted: c.source.Unlisted, now: time.Now()}
	for _, key := range v.withdraw(index, s) {
		if err := c.emitOp(stream.Op{Kind: stream.Destroy, At: v.now, ID: key, Reason: stream.Unavailable}); err != nil {
			return err
		}
	}
	op, ok := v.op(kind, s)
	if !ok {
		c.source.anomalies.Add("a post that is not public")
		return nil
	}
	deleted, quoted := false, v.quotedStatus(cmp.Or(s.Reblog, s))
	for _, part := range []*status{s, s.Reblog, quoted} {
		if part == nil {
			continue
		}
		why := index.add(part.ID, v.key(part))
		if why == "" {
			continue
		}
		if err := c.emitOp(stream.Op{Kind: stream.Destroy, At: v.now, ID: v.key(part), Reason: why}); err != nil {
			return err
		}
		deleted = deleted || part != quoted
	}
	if deleted {
		return nil
	}
	return c.emitOp(op)
}

// destroy emits the delete of a post by its local id. Most deletes are of posts that were never
// read. Of these it only remembers the local id, because the backfill may still return the
// post. c.mu is held.
func (c *connection) destroy(local string, why stream.Reason) error {
	key, known := c.source.index.delete(statusID(local), why)
	if !known {
		c.source.anomalies.Add("a delete of an unknown post")
		return nil
	}
	c.source.delivered.addDelete(statusID(local))
	if err := c.emitOp(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: key, Reason: why}); err != nil {
		return err
	}
	c.acknowledgeLater()
	return nil
}

// emitLost reports that an event was too long to be read.
func (c *connection) emitLost() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note("an event of over 4 MiB", "")
	return c.emitOp(stream.NewNotice(c.source, stream.Lost, stream.Notice{Count: 1}))
}

// emitOp emits an op. If emit fails, now or before, it ends the connection. c.mu is held.
func (c *connection) emitOp(op stream.Op) error {
	if c.emitErr == nil {
		c.emitErr = c.emit(op)
	}
	if c.emitErr != nil {
		c.stop()
	}
	return c.emitErr
}

// note counts unexpected data, and logs the first of each kind.
func (c *connection) note(kind, detail string) {
	clean := func(s string) string { return stream.Redact(text.OneLine(s), c.source.Token) }
	c.source.anomalies.Note(c.source.log(), slog.LevelWarn, clean(kind), "detail", text.Truncate(clean(detail), 100))
}

// readFunc is an io.Reader that calls a function.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
