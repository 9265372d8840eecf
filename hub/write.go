package hub

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	maxWrite         = 64 << 10  // bytes of one write that never blocks
	maxBlockingWrite = 4 << 10   // bytes of one write that can block
	maxSendBuffer    = 128 << 10 // SO_SNDBUF of a connection, in bytes; the kernel doubles it
	writesInTurn     = 4         // writes to one connection before other connections have their turn
)

// afterGap is how many of the newest events a reader still gets after a gap.
const afterGap = 50

var batches = sync.Pool{New: func() any { return new(batch) }}

// flush writes what is pending, but at most writesInTurn times, and returns the number of
// bytes written. The poller, or the goroutine that writes, continues with the rest once the
// socket has room: the backpressure of TCP. c.mu is held.
func (c *conn) flush() (written int) {
	if c.writePending || c.state >= halfClosed {
		return 0
	}
	b := batches.Get().(*batch)
	defer batches.Put(b)
	for i := 1; ; i++ {
		next := c.gather(b)
		if len(next) == 0 {
			break
		}
		n, err := c.write(next)
		if err != nil {
			c.destroy()
			return written
		}
		written += n
		c.commit(b, n)
		if n < len(next) || i == writesInTurn || c.fd < 0 {
			c.awaitRoom()
			return written
		}
	}
	if c.state == closing {
		c.closeWrite()
	}
	return written
}

// awaitRoom leaves the rest to the poller, or to the goroutine that writes. It is called if
// the socket is full, if it is the turn of other connections, or if the goroutine has just
// begun to write. c.mu is held.
func (c *conn) awaitRoom() {
	c.writePending, c.lastWrite = true, time.Now()
	c.hub.poller.watch(c.fd, true)
}

// write writes as much of b as the socket takes without blocking. Without the poller, a
// goroutine writes the first few KiB of b: only when that write returns is it known that the
// client makes progress, so it must be small.
func (c *conn) write(b []byte) (n int, err error) {
	if c.fd >= 0 {
		return writeFD(c.fd, b)
	}
	b = bytes.Clone(b[:min(len(b), maxBlockingWrite)])
	c.hub.work.Go(func() { c.writeBlocking(b) })
	return len(b), nil
}

// onWritable resumes a pending write, once the socket has room or the blocking write has
// returned.
func (c *conn) onWritable() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writePending { // true even if the connection was closed meanwhile; flush then does nothing
		c.resumeWrite()
	}
}

// resumeWrite continues a pending write, and returns the number of bytes written. c.mu is held.
func (c *conn) resumeWrite() (written int) {
	c.writePending = false
	c.hub.poller.watch(c.fd, false)
	return c.flush()
}

// retryWrite retries a pending write, because the kernel reports room only once a third of the
// socket's buffer is free, which can take a slow reader long. It returns false if no bytes
// were written and the write is still pending. A write of a goroutine is not retried. c.mu is
// held.
func (c *conn) retryWrite() bool {
	if c.fd < 0 {
		return false
	}
	since := c.lastWrite
	if c.resumeWrite() > 0 || !c.writePending {
		return true
	}
	c.lastWrite = since
	return false
}

// gather returns the bytes to write next: out, or a batch of one log. The logs take turns, so
// that a log with many events to write doesn't hold up another. c.mu is held.
func (c *conn) gather(b *batch) []byte {
	b.reset()
	if len(c.out) > 0 || c.state != open {
		return c.out
	}
	if c.form == heldForm {
		return c.gatherHeld(b)
	}
	for range c.cursors {
		c.turn = (c.turn + 1) % len(c.cursors)
		c.gatherLog(b)
		if len(b.ends) > 0 {
			break
		}
	}
	return b.bytes
}

// gatherLog fills the batch from the log whose turn it is: with the events after the cursor that
// pass its filter, or with a notice if the log no longer holds the events after the cursor. c.mu
// is held.
func (c *conn) gatherLog(b *batch) {
	f := &c.cursors[c.turn]
	filter := f.view.filter
	if f.settle(); !f.behind() {
		return
	}
	limit := maxWrite
	if c.fd < 0 {
		limit = maxBlockingWrite
	}
	err := f.view.log.read(f.at, func(e *entry) bool {
		if filter != nil && !filter.concerns(e) {
			b.upTo = e.event.Position.Offset
			return true
		}
		frame := e.encoded(c.form)
		if len(b.ends) > 0 && len(b.bytes)+len(frame) > limit {
			b.more = true
			return false
		}
		b.add(frame, e.event.Position.Offset)
		return true
	})
	switch {
	case err != nil:
		f.gatherNotice(b, c.form)
	case len(b.ends) == 0: // all events were passed over
		f.at = max(f.at, b.upTo)
	}
}

// gatherNotice fills the batch with the notice for a reader whose next event is no longer held:
// stream.gap if the log was trimmed, stream.reset if it was replaced. As long as no byte of a
// notice is written, each try makes a new one: events are trimmed all the time, so an old notice
// would soon be followed by another gap.
func (f *cursor) gatherNotice(b *batch, form form) {
	l := f.view.log.channel.log.Load()
	tail, head := l.bounds()
	at := max(tail-1, head-min(afterGap, head))
	name, data := "stream.gap", fmt.Appendf(nil, `{"from":%d,"to":%d,"reason":"slow"}`, f.at+1, at)
	if l != f.view.log {
		name, data = "stream.reset", fmt.Appendf(nil, `{"previous":%q}`, f.view.log.epoch)
	}
	notice, _ := form.encode(l.channel.name, Event{Name: name, Data: data, Position: Position{l.epoch, at}})
	b.add(notice, at)
	b.jump, b.more = l, at < head
}

// commit records that the first n of the gathered bytes are written. If they end within an
// event, the rest of that event goes to out. c.mu is held.
func (c *conn) commit(b *batch, n int) {
	switch {
	case len(b.ends) == 0:
		c.out = c.out[n:]
		if len(c.out) == 0 {
			c.out = nil // an idle connection holds no buffer
		}
	case n > 0:
		c.commitBatch(b, n)
	}
}

// commitBatch moves the cursor past the events whose first byte is written.
func (c *conn) commitBatch(b *batch, n int) {
	last, _ := slices.BinarySearch(b.ends, n)
	c.out = append(c.out, b.bytes[n:b.ends[last]]...)
	f := &c.cursors[c.turn]
	whole := last == len(b.ends)-1
	switch {
	case b.jump != nil:
		f.moveTo(b.jump, b.offsets[last])
		c.shard.gaps.Add(1)
	case c.form == heldForm: // the batch is one piece
		c.shard.delivered.Add(b.upTo - f.at)
		f.at = b.upTo
	default:
		c.shard.delivered.Add(uint64(last + 1))
		f.passed(b, last)
	}
	if c.longPoll && whole && !b.more {
		c.sealOutput()
	}
}
