package hub

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const maxWrite = 64 << 10 // bytes of one write

// piece is a frame, or the rest of one, on its way out.
type piece struct {
	data   []byte
	follow *follow // whose place it moves to at; nil for a frame of the connection itself
	at     uint64
	gap    bool // it says that events before at will not come
}

// batch is one write: the pieces, and room to lay several of them end to end.
type batch struct {
	pieces []piece
	size   int // bytes
	buf    []byte
}

var batches = sync.Pool{New: func() any { return new(batch) }}

func (b *batch) add(p piece) {
	b.pieces = append(b.pieces, p)
	b.size += len(p.data)
}

func (b *batch) full() bool { return b.size >= maxWrite }

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

// free gives the batch back, holding on to no frame.
func (b *batch) free() {
	clear(b.pieces)
	b.pieces, b.size = b.pieces[:0], 0
	batches.Put(b)
}

// gather collects what is to be written next: what was begun, then what is for
// this connection alone, then the logs. It reports whether there is anything;
// c.mu is held.
func (c *conn) gather(b *batch) bool {
	clear(b.pieces)
	b.pieces, b.size = b.pieces[:0], 0
	if c.dead {
		return false
	}
	if c.rest != nil {
		b.add(piece{data: c.rest})
	}
	for _, frame := range c.control {
		b.add(piece{data: frame})
	}
	if own := len(b.pieces); !c.closing {
		for i := range c.follows {
			c.gatherLog(b, &c.follows[i])
		}
		if c.once && len(b.pieces) > own {
			c.endLocked()
		}
	}
	return b.size > 0
}

// gatherLog collects the events after f's place or, if the log has moved past
// it, the word that they will not come.
func (c *conn) gatherLog(b *batch, f *follow) {
	if b.full() || f.at == f.log.head.Load() {
		return
	}
	err := f.log.read(f.at, func(e *entry) bool {
		b.add(piece{data: e.in(c.form), follow: f, at: e.event.Place.Offset})
		return !b.full()
	})
	if err != nil {
		b.add(f.gap(c.form))
	}
}

// gap says that the events up to some place near the newest will not come.
func (f *follow) gap(in form) piece {
	tail, head := f.log.bounds()
	to := max(tail-1, head-min(afterGap, head))
	data, _ := json.Marshal(struct {
		From   uint64 `json:"from"`
		To     uint64 `json:"to"`
		Reason string `json:"reason"`
	}{f.at + 1, to, "slow"})
	ev := Event{Name: "stream.gap", Data: data, Place: Place{f.log.epoch, to}}
	return piece{newEntry(f.log.channel, ev).in(in), f, to, true}
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
			p.follow.at = p.at
			gaps++
		case p.follow != nil:
			p.follow.at = p.at
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
}

// pending reports whether there is anything to write; c.mu is held.
func (c *conn) pending() bool {
	if c.dead || c.busy {
		return false
	}
	if c.rest != nil || len(c.control) > 0 {
		return true
	}
	for i := range c.follows {
		if f := &c.follows[i]; !c.closing && f.at != f.log.head.Load() {
			return true
		}
	}
	return false
}

// flush writes what there is, as far as the socket takes it without waiting;
// for the rest a goroutine waits, so that nobody else has to.
func (c *conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked()
}

func (c *conn) flushLocked() {
	switch {
	case !c.pending() || c.writeNow():
	case c.raw != nil:
		c.busy = true
		c.writer.Go(c.writeWhenReady)
	default:
		c.busy = true
		c.writer.Go(c.writeBlocking)
	}
}

// writeNow writes without waiting and reports whether everything has gone; c.mu is held.
func (c *conn) writeNow() (done bool) {
	if c.fd < 0 {
		return false
	}
	done, _ = c.drain()
	return done
}

// drain writes until nothing is left or the socket is full; c.mu is held.
func (c *conn) drain() (done, progress bool) {
	b := batches.Get().(*batch)
	defer b.free()
	for c.gather(b) {
		n, err := writeFD(c.fd, b.bytes())
		if err != nil {
			c.giveUp()
			return true, progress
		}
		c.commit(b, n)
		progress = progress || n > 0
		if n < b.size {
			return false, progress
		}
	}
	return true, progress
}

// writeWhenReady waits until the socket takes more, again and again, until
// everything has gone or nothing has for too long.
func (c *conn) writeWhenReady() {
	c.net.SetWriteDeadline(time.Now().Add(c.hub.limits.Write))
	err := c.raw.Write(func(uintptr) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		done, progress := c.drain()
		switch {
		case done:
			c.net.SetWriteDeadline(time.Time{})
			c.busy = false
		case progress:
			c.net.SetWriteDeadline(time.Now().Add(c.hub.limits.Write))
		}
		return done
	})
	if err != nil {
		c.drop(err)
	}
}

// writeBlocking does the same over TLS, or whatever else is no plain TCP.
func (c *conn) writeBlocking() {
	b := batches.Get().(*batch)
	defer b.free()
	for {
		c.mu.Lock()
		if !c.gather(b) {
			c.busy = false
			c.mu.Unlock()
			return
		}
		c.commit(b, b.size)
		c.mu.Unlock()
		if err := c.writeAll(b.bytes()); err != nil {
			c.drop(err)
			return
		}
	}
}

// writeAll waits as long as some of the bytes go.
func (c *conn) writeAll(bytes []byte) error {
	for {
		c.net.SetWriteDeadline(time.Now().Add(c.hub.limits.Write))
		n, err := c.net.Write(bytes)
		if err == nil || n == 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		bytes = bytes[n:]
	}
}

// drop ends a connection that takes no more. If it is only too slow it is told
// so, should there be room for that much.
func (c *conn) drop(err error) {
	c.mu.Lock()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.hub.stats.slow.Add(1)
		if c.ws != nil { // to a stream it would be a piece of its text
			c.queue(closeFrame(websocket.CloseTryAgainLater, "too slow"))
		}
		c.closing = true
		c.net.SetWriteDeadline(time.Time{})
		if tcp, ok := c.net.(*net.TCPConn); ok && !c.writeNow() {
			tcp.SetLinger(0) // or the system would hold on to what nobody takes
		}
	}
	c.dead = true
	c.mu.Unlock()
	c.shut()
	c.wake()
}
