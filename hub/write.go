package hub

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	maxWrite  = 64 << 10  // bytes of one write
	maxHeld   = 128 << 10 // bytes that the system is to hold for one connection; it takes twice that
	waitWrite = 4 << 10   // bytes of one write that is waited for
	atOnce    = 4         // writes to one connection before it is others' turn
)

// follow is a position in a log. It moves on as events are written.
type follow struct {
	log *log
	at  uint64 // the next event to be written is at+1
}

func (f *follow) behind() bool { return f.at != f.log.head.Load() || f.log.over() }

// batch is what one write takes from one log: events end to end, or the word of those
// that will not come.
type batch struct {
	bytes []byte
	ends  []int  // of each event
	jump  follow // where the reader goes on after a gap; zero, if these are events
}

var batches = sync.Pool{New: func() any { return new(batch) }}

// flush writes everything, or as much as one connection may at once, and returns how
// many bytes that was. If there is more, or the socket is full, it goes on when the
// poller, or the goroutine that waited, says that it takes more: after the others have
// had their turn. c.mu is held.
func (c *conn) flush() (taken int) {
	if c.busy || c.state >= hung {
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
			c.endLocked()
			return taken
		}
		taken += n
		if c.commit(b, n); n < len(next) || i == atOnce || c.fd < 0 {
			c.busy, c.moved = true, time.Now()
			c.hub.poller.watch(c.fd, true)
			return taken
		}
	}
	if c.state == closing {
		c.shut()
	}
	return taken
}

// write has the socket take what it can without waiting. What has to be waited for
// is a part at a time, as only a write that ends shows that the client takes something.
func (c *conn) write(b []byte) (n int, err error) {
	if c.fd >= 0 {
		return writeFD(c.fd, b)
	}
	b = bytes.Clone(b[:min(len(b), waitWrite)])
	c.hub.work.Go(func() { c.writeWaiting(b) })
	return len(b), nil
}

// writable goes on when the socket has taken what it was given, or has room.
func (c *conn) writable() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy && c.state != over {
		c.goOn()
	}
}

// goOn writes on where it was left, and returns what has been taken; c.mu is held.
func (c *conn) goOn() (taken int) {
	c.busy = false
	c.hub.poller.watch(c.fd, false)
	return c.flush()
}

// retry reports whether the socket takes something after all, or has taken everything:
// the poller tells of room only when a third of it is free, for which a slow reader may
// take long. c.mu is held.
func (c *conn) retry() bool {
	since := c.moved
	if c.fd < 0 {
		return false
	}
	if c.goOn() > 0 || !c.busy {
		return true
	}
	c.moved = since
	return false
}

// gather returns what is to be written next: what is for this connection alone, then
// the logs, which take turns, so that one that is far behind holds up no other. c.mu
// is held.
func (c *conn) gather(b *batch) []byte {
	b.bytes, b.ends, b.jump = b.bytes[:0], b.ends[:0], follow{}
	for i := 0; i < len(c.follows) && len(b.ends) == 0 && len(c.out) == 0 && c.state == opened; i++ {
		c.turn = (c.turn + 1) % len(c.follows)
		c.gatherLog(b)
	}
	if len(c.out) > 0 {
		return c.out
	}
	return b.bytes
}

// gatherLog collects the events after the position in the log whose turn it is. If the log
// has moved past the position, the client is to be told what will not come. Until its socket
// takes a byte of that, the position stays and the word is made anew, or another gap would
// soon follow.
func (c *conn) gatherLog(b *batch) {
	f := &c.follows[c.turn]
	if !f.behind() {
		return
	}
	most := maxWrite
	if c.fd < 0 {
		most = waitWrite
	}
	err := f.log.read(f.at, func(e *entry) bool {
		frame := e.in(c.form)
		if len(b.ends) > 0 && len(b.bytes)+len(frame) > most {
			return false
		}
		b.bytes = append(b.bytes, frame...)
		b.ends = append(b.ends, len(b.bytes))
		return true
	})
	if err == nil {
		return
	}
	l := f.log.channel.log.Load()
	tail, head := l.bounds()
	at := max(tail-1, head-min(afterGap, head))
	name, data := "stream.gap", fmt.Appendf(nil, `{"from":%d,"to":%d,"reason":"slow"}`, f.at+1, at)
	if l != f.log {
		name, data = "stream.reset", fmt.Appendf(nil, `{"previous":%q}`, f.log.epoch)
	}
	word, _ := c.form.encode(l.channel.name, Event{Name: name, Data: data, Position: Position{l.epoch, at}})
	b.bytes = append(b.bytes, word...)
	b.ends = append(b.ends, len(b.bytes))
	b.jump = follow{l, at}
}

// commit notes that the first n bytes of what was gathered have gone out. An event of
// which a part has gone is as good as gone: its rest comes first next time. c.mu is held.
func (c *conn) commit(b *batch, n int) {
	switch {
	case len(b.ends) == 0:
		if c.out = c.out[n:]; len(c.out) == 0 {
			c.out = nil // an idle connection holds nothing
		}
	case n > 0:
		last, _ := slices.BinarySearch(b.ends, n)
		c.out = append(c.out, b.bytes[n:b.ends[last]]...)
		f := &c.follows[c.turn]
		if b.jump.log != nil {
			*f = b.jump
			c.shard.gaps.Add(1)
		} else {
			f.at += uint64(last + 1)
			c.shard.delivered.Add(uint64(last + 1))
		}
		if c.once && !f.behind() {
			c.last()
		}
	}
}
