package mastodon

import (
	"cmp"
	"errors"
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
	tag         string          // see apiClient.tag
	stop        func()          // ends the connection
	onDelivered func(do func()) // calls do when everything emitted before is acknowledged

	legible stream.Legibility // owned by read

	mu sync.Mutex // guards the fields below and source.index; held while emit runs

	emit        func(stream.Op) error
	emitErr     error     // the first error of emit
	last        cursor    // the position up to which all posts were emitted, or reported as a gap
	backfilling bool      // the backfill is not done yet
	newest      statusID  // the newest post that the stream sent during the backfill
	lastRead    time.Time // when the server last sent anything, by its clock
	cursorSaved time.Time
	indexSaved  time.Time
}

func newConnection(source *Source, api *apiClient, emit func(stream.Op) error, stop func(), from cursor) *connection {
	now := time.Now()
	return &connection{
		source: source, domain: api.domain, tag: api.tag(), emit: emit, stop: stop, last: from,
		backfilling: !from.at.IsZero(), lastRead: source.clock.Now(), cursorSaved: now, indexSaved: now,
	}
}

// heard notes that the server has sent something.
func (c *connection) heard() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastRead = c.source.clock.Now()
}

// read handles events until the stream breaks or emit fails.
func (c *connection) read(events eventStream) error {
	for {
		e, err := events.next()
		switch {
		case errors.Is(err, lines.ErrLongEvent):
			err = c.emitLost()
		case errors.Is(err, errNoEvent):
			err = c.skip(err)
		case err == nil:
			err = c.handleEvent(e)
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
	if event.kind != "" {
		err = nil // only a field is unreadable
	}
	if err := c.legible.Add(c.source, err, c.emitOp); err != nil {
		return err
	}
	switch event.kind {
	case stream.Destroy:
		return c.destroy(event.deleted, stream.ByAuthor)
	case stream.Create:
		if err := c.post(stream.Create, event.status, false); err != nil {
			return err
		}
		c.advance(event.status.ID)
	case stream.Update:
		return c.post(stream.Update, event.status, false)
	}
	return nil
}

// post emits a post, unless the post or its boosted post was deleted before it arrived. Late means
// that the post was missed while there was no connection. c.mu is held.
func (c *connection) post(kind stream.Kind, s *status, late bool) error {
	index := c.source.index
	if !s.hasTag(c.tag) && !index.has(s.ID) {
		return nil
	}
	v := view{domain: c.domain, unlisted: c.source.Unlisted, now: c.source.clock.Now()}
	for _, key := range v.withdraw(index, s) {
		if err := c.emitDestroy(key, stream.Unavailable); err != nil {
			return err
		}
	}
	op, ok := v.op(kind, s)
	if !ok {
		c.source.anomalies.Add("a post that is not public")
		return nil
	}
	if deleted, err := c.addParts(v, s); err != nil || deleted {
		return err
	}
	op.Post.Late = late
	return c.emitOp(op)
}

// addParts adds a post, its boosted post and its quoted post to the index. Of each that was deleted
// before it arrived, it emits that delete, because the consumer may have the deleted post from
// another source. It reports whether the post or its boosted post was deleted. c.mu is held.
func (c *connection) addParts(v view, s *status) (deleted bool, err error) {
	quoted := v.quotedStatus(cmp.Or(s.Reblog, s))
	for _, part := range []*status{s, s.Reblog, quoted} {
		if part == nil {
			continue
		}
		why := c.source.index.add(part.ID, v.key(part), part.EditedAt)
		if why == "" {
			continue
		}
		if err := c.emitDestroy(v.key(part), why); err != nil {
			return false, err
		}
		deleted = deleted || part != quoted
	}
	return deleted, nil
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
	if err := c.emitDestroy(key, why); err != nil {
		return err
	}
	c.acknowledgeLater()
	return nil
}

// skip notes a message that is no event.
func (c *connection) skip(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(errNoEvent.Error(), err.Error())
	return c.legible.Add(c.source, err, c.emitOp)
}

// emitLost reports that an event was too long to be read.
func (c *connection) emitLost() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note("an event of over 4 MiB", "")
	if err := c.emitOp(stream.NewNotice(c.source, stream.Lost, stream.Notice{Count: 1})); err != nil {
		return err
	}
	return c.legible.Add(c.source, lines.ErrLongEvent, c.emitOp)
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

// emitDestroy emits the delete of a post. c.mu is held.
func (c *connection) emitDestroy(key string, why stream.Reason) error {
	return c.emitOp(stream.Op{Kind: stream.Destroy, At: c.source.clock.Now(), ID: key, Reason: why})
}

// note counts unexpected data, and logs the first of each kind.
func (c *connection) note(kind, detail string) {
	clean := func(s string) string { return stream.Redact(text.OneLine(s), c.source.Token) }
	c.source.anomalies.Note(c.source.log(), slog.LevelWarn, clean(kind), "detail", text.Truncate(clean(detail), 100))
}
