package hub

import (
	"net/http"
	"time"
)

// Held describes a response that waits for events, for a protocol that another package implements.
// The functions are called by a shard, so they must not block. Nothing may change the bytes that
// they return.
type Held struct {
	After     Position      // the response has the events after this position
	Cut       uint64        // a batch ends at an offset that is a multiple of it: see [Channel.Chunk]
	Last      time.Duration // how long the response lasts
	Poll      bool          // the response is a long poll, which ends with the first batch
	AnyOrigin bool          // pages of all origins are admitted
	Begin     []byte        // sent at once: the head of the response, unless Batch and End return it
	Heartbeat []byte        // sent every 15 s

	// Batch encodes events, at least one.
	Batch func(Chunk) []byte

	// End encodes what follows the last batch, which ended at a position. gap is true if the log no
	// longer holds the next event. It is false if the time is over, or the hub drains.
	End func(at Position, gap bool) []byte
}

// Hold takes the connection of a request over from the HTTP server, and sends the response that held
// describes. Like any other connection of the hub, it has no goroutine while it waits. If the log has
// another epoch than held.After, Hold returns ErrGap, and the request is not answered. A private
// channel is not found.
func (c *Channel) Hold(w http.ResponseWriter, r *http.Request, held *Held) error {
	if c.private.Load() {
		http.NotFound(w, r)
		return nil
	}
	l := c.log.Load()
	if held.After.Epoch != l.epoch {
		return ErrGap
	}
	from, ok := c.hub.admitRequest(w, r, held.Poll, held.AnyOrigin)
	if !ok {
		return nil
	}
	conn, ok := c.hub.hijack(w, from, held.Poll)
	if !ok {
		return nil
	}
	conn.form, conn.held, conn.longPoll = heldForm, held, held.Poll
	conn.cursors = append(conn.cursors, newCursor(l, nil, held.After.Offset))
	conn.expires.Store(time.Now().Add(held.Last).UnixNano())
	conn.appendOutput(held.Begin)
	c.hub.serve(conn)
	return nil
}

// gatherHeld fills the batch with the events after the cursor. If the log no longer holds them, it
// ends the response. c.mu is held.
func (c *conn) gatherHeld(b *batch) []byte {
	f := &c.cursors[0]
	if !f.behind() {
		return nil
	}
	chunk, err := f.view.log.chunk(f.at, c.held.Cut, maxWrite)
	if err != nil {
		c.appendOutput(c.held.End(c.heldAt(), true))
		c.sealOutput()
		return c.out
	}
	b.add(c.held.Batch(chunk), chunk.Next.Offset)
	return b.bytes
}

// heldAt is the position of the cursor. c.mu is held.
func (c *conn) heldAt() Position { return Position{c.cursors[0].view.log.epoch, c.cursors[0].at} }
