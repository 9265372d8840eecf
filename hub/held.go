package hub

import (
	"net/http"
	"time"
)

// Held describes a response that waits for events, for a protocol that another package implements.
// The functions are called by a shard, so they must not block. Nothing may change the bytes that
// they return.
type Held struct {
	After Position      // the response has the events after this position
	Cut   uint64        // a batch ends at an offset that is a multiple of it: see [Reader.Chunk]
	Last  time.Duration // how long the response lasts
	Poll  bool          // the response is a long poll, which ends with the first batch
	Begin []byte        // sent at once: the head of the response, unless Batch and End return it

	// Batch encodes events, at least one. If it returns nil, the response ends before them.
	Batch func(Chunk) []byte

	// Heartbeat encodes what is sent every 15 s, if anything. With a filter, the position can be
	// ahead of the last batch.
	Heartbeat func(at Position) []byte

	// End encodes the end of the response, which is at a position. gap is true if the log no longer
	// holds the event after it, and false if the time is over, or the hub drains.
	End func(at Position, gap bool) []byte
}

// Hold takes the connection of the reader's request over from the HTTP server, and sends the response
// that held describes. Like any other connection of the hub, it has no goroutine while it waits. Hold
// answers a request that is refused. If the log has another epoch than held.After, Hold returns
// ErrGap, and the request is not answered.
func (r *Reader) Hold(w http.ResponseWriter, held *Held) error {
	hub, l := r.channel.hub, r.channel.log.Load()
	if held.After.Epoch != l.epoch {
		return ErrGap
	}
	if !hub.enter(w, r.from, nil, held.Poll) {
		return nil
	}
	conn, ok := hub.hijack(w, r.from, nil, held.Poll)
	if !ok {
		return nil
	}
	conn.form, conn.held, conn.longPoll = heldForm, held, held.Poll
	conn.cursors = append(conn.cursors, newCursor(l, r.filter, held.After.Offset))
	r.filter = nil // the cursor is its user now
	conn.expires.Store(time.Now().Add(held.Last).UnixNano())
	conn.appendOutput(held.Begin)
	hub.serve(conn)
	return nil
}

// gatherHeld fills the batch with the events after the cursor that concern its filter. If the log no
// longer holds the events after the cursor, it ends the response. c.mu is held.
func (c *conn) gatherHeld(b *batch) []byte {
	f := &c.cursors[0]
	f.settle()
	for f.behind() {
		chunk, err := f.view.log.chunk(f.view.filter, f.at, c.held.Cut, maxWrite)
		if err != nil {
			c.appendOutput(c.held.End(c.heldAt(), true))
			c.sealOutput()
			return c.out
		}
		if len(chunk.Lines) > 0 {
			batch := c.held.Batch(chunk)
			if batch == nil {
				c.sealOutput()
				return c.out
			}
			b.add(batch, chunk.Next.Offset)
			return b.bytes
		}
		f.at = chunk.Next.Offset
	}
	return nil
}

// heldAt is the position of the cursor. c.mu is held.
func (c *conn) heldAt() Position {
	f := &c.cursors[0]
	f.settle()
	return Position{f.view.log.epoch, f.at}
}
