package hub

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxWrite  = 64 << 10 // bytes of one write
	waitWrite = 4 << 10  // bytes of one write that is waited for
	atOnce    = 4        // writes to one connection before it is another's turn
)

// piece is a frame, or the rest of one, on its way out.
type piece struct {
	data   []byte
	follow *follow // whose place it moves; nil for a frame of the connection itself
	to     follow  // the place
	gap    bool    // it says that events before that place will not come
}

// batch is one write: the pieces, and room to lay several of them end to end.
type batch struct {
	most   int // bytes, unless a single piece has more
	pieces []piece
	size   int // bytes
	buf    []byte
}

var batches = sync.Pool{New: func() any { return &batch{most: maxWrite} }}

// add takes the piece if there is room for it.
func (b *batch) add(p piece) bool {
	if b.size > 0 && b.size+len(p.data) > b.most {
		return false
	}
	b.pieces = append(b.pieces, p)
	b.size += len(p.data)
	return true
}

func (b *batch) bytes() []byte {
	if len(b.pieces) == 1 {
		return b.pieces[0].data
	}
	b.buf = b.buf[:0]
	for _, p := range b.pieces {
		b.buf = append(b.buf, p.data...)
	}
	return b.buf
}

// empty has the batch hold on to no frame.
func (b *batch) empty() {
	clear(b.pieces)
	b.pieces, b.size = b.pieces[:0], 0
}

// gather collects what is to be written next: what was begun, then what is for
// this connection alone, then the logs. It reports whether there is anything;
// c.mu is held.
func (c *conn) gather(b *batch) bool {
	b.empty()
	if c.dead {
		return false
	}
	if c.rest != nil {
		b.add(piece{data: c.rest})
	}
	for _, frame := range c.control {
		if !b.add(piece{data: frame}) {
			return true
		}
	}
	for i := range c.follows {
		if f := &c.follows[i]; !c.closing && f.behind() {
			c.gatherLog(b, f)
		}
	}
	return b.size > 0
}

// gatherLog collects the events after f's place or, if the log has moved past
// it, the word that they will not come.
func (c *conn) gatherLog(b *batch, f *follow) {
	err := f.log.read(f.at, func(e *entry) bool {
		return b.add(piece{data: e.in(c.form), follow: f, to: follow{f.log, e.event.Place.Offset}})
	})
	if err != nil {
		b.add(f.gap(c.form))
	}
}

// gap says that the events up to some place near the newest will not come, or that
// another log goes on from there.
func (f *follow) gap(in form) piece {
	l := f.log.newest()
	tail, head := l.bounds()
	to := max(tail-1, head-min(afterGap, head))
	name, data := "stream.gap", any(gap{f.at + 1, to, "slow"})
	if l != f.log {
		name, data = "stream.reset", map[string]string{"previous": f.log.epoch}
	}
	raw, _ := json.Marshal(data)
	e := newEntry(l.channel, Event{Name: name, Data: raw, Place: Place{l.epoch, to}})
	return piece{e.in(in), f, follow{l, to}, true}
}

// gap is the data of the word that some events will not come.
type gap struct {
	From   uint64 `json:"from"`
	To     uint64 `json:"to"`
	Reason string `json:"reason"`
}

// commit notes that the first n bytes of the batch have gone out. A frame of
// which a part has gone is as good as gone: its rest comes first next time.
// c.mu is held.
func (c *conn) commit(b *batch, n int) {
	var events, gaps uint64
	for _, p := range b.pieces {
		if n <= 0 {
			break
		}
		switch {
		case p.gap:
			*p.follow = p.to
			gaps++
		case p.follow != nil:
			*p.follow = p.to
			events++
		case c.rest != nil:
			c.rest = nil
		default:
			c.control = slices.Delete(c.control, 0, 1)
			c.owed -= len(p.data)
		}
		if n < len(p.data) {
			c.rest = p.data[n:]
		}
		n -= len(p.data)
	}
	c.shard.delivered.Add(events)
	if gaps > 0 {
		c.shard.gaps.Add(gaps)
	}
	if c.once && events+gaps > 0 && !c.behind() {
		c.endLocked()
	}
}

// behind reports whether a log has events after the connection's place; c.mu is held.
func (c *conn) behind() bool {
	for i := range c.follows {
		if c.follows[i].behind() {
			return true
		}
	}
	return false
}

// pending reports whether there is anything to write; c.mu is held.
func (c *conn) pending() bool {
	if c.dead || c.busy {
		return false
	}
	return c.rest != nil || len(c.control) > 0 || !c.closing && c.behind()
}

// flush writes what there is, as far as the socket takes it without waiting;
// for the rest a goroutine waits, so that nobody else has to.
func (c *conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked()
}

func (c *conn) flushLocked() {
	if c.pending() && !c.writeNow() {
		c.busy = true
		c.writer.Go(c.writeWaiting)
	}
}

// writeNow writes without waiting: everything, or as much as one connection may
// while others wait, and the rest in the shard's next round. It reports whether the
// socket takes more, which over TLS it can't know; c.mu is held.
func (c *conn) writeNow() (more bool) {
	if c.fd < 0 {
		return false
	}
	b := batches.Get().(*batch)
	defer batches.Put(b)
	defer b.empty()
	for i := 0; c.gather(b); i++ {
		if i == atOnce && !c.closing { // what is closing has an end
			c.shard.wake()
			break
		}
		n, err := writeFD(c.fd, b.bytes())
		if err != nil {
			c.giveUp()
			return true
		}
		c.commit(b, n)
		if n < b.size {
			return false
		}
	}
	return true
}

// writeWaiting writes to a socket that is full, or over TLS or whatever else is
// no plain TCP, until everything has gone or nothing has for too long. It holds
// about a frame, and nobody waits for it.
func (c *conn) writeWaiting() {
	b := &batch{most: waitWrite}
	for c.take(b) {
		if rest, err := c.writeAll(b.bytes()); err != nil {
			c.drop(rest, err)
			return
		}
	}
}

// take gives the writer what to wait for next, if anything is left.
func (c *conn) take(b *batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writeNow() || !c.gather(b) {
		c.busy = false
		return false
	}
	c.commit(b, b.size)
	return true
}

// writeAll waits as long as some of the bytes go, and returns those that don't.
// Of what TLS was given it can't tell how much has gone, and after a deadline it
// takes no more: hence small parts, each with its own.
func (c *conn) writeAll(bytes []byte) (rest []byte, err error) {
	for len(bytes) > 0 {
		c.net.SetWriteDeadline(time.Now().Add(c.hub.limits.Write))
		n, err := c.net.Write(bytes[:min(len(bytes), waitWrite)])
		bytes = bytes[n:]
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return bytes, err
		}
	}
	return nil, nil
}

// drop ends a connection that takes no more, whose last write left the rest. If it
// is only too slow it is told so, should there be room for that much: not over
// TLS, which ends in the middle of what it was saying.
func (c *conn) drop(rest []byte, err error) {
	c.mu.Lock()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.hub.stats.slow.Add(1)
		c.rest = rest
		if c.ws != nil { // to a stream it would be a piece of its text
			c.queue(closeFrame(websocket.CloseTryAgainLater, "too slow"))
		}
		c.closing = true
		if tcp := tcpOf(c.net); tcp != nil && !c.writeNow() {
			c.fd = -1
			tcp.SetLinger(0) // or the system would hold on to what nobody takes
			tcp.Close()      // TLS would try to say goodbye
		}
	}
	c.dead = true
	c.mu.Unlock()
	c.shut()
	c.wake()
}
