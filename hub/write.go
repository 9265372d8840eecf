package hub

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxWrite  = 64 << 10  // bytes of one write
	maxHeld   = 128 << 10 // bytes that the system is to hold for one connection; it takes twice that
	waitWrite = 4 << 10   // bytes of one write that is waited for
	atOnce    = 4         // writes to one connection before it is others' turn
)

// batch is one write: frames from one source, and room to lay several end to end.
type batch struct {
	most   int // bytes, unless a single frame has more
	frames [][]byte
	size   int // bytes
	buf    []byte
	follow *follow // whose place they move; nil for what is the connection's own
	to     follow  // the place after a frame that says that no others come before it
}

var batches = sync.Pool{New: func() any { return &batch{most: maxWrite} }}

// add takes the frame if there is room for it.
func (b *batch) add(frame []byte) bool {
	if b.size > 0 && b.size+len(frame) > b.most {
		return false
	}
	b.frames = append(b.frames, frame)
	b.size += len(frame)
	return true
}

func (b *batch) bytes() []byte {
	if len(b.frames) == 1 {
		return b.frames[0]
	}
	b.buf = b.buf[:0]
	for _, frame := range b.frames {
		b.buf = append(b.buf, frame...)
	}
	return b.buf
}

// cut returns how many frames begin within the first n bytes, and what the last of
// these has after them.
func (b *batch) cut(n int) (begun int, rest []byte) {
	for ; begun < len(b.frames) && n > 0; begun++ {
		frame := b.frames[begun]
		if n < len(frame) {
			rest = frame[n:]
		}
		n -= len(frame)
	}
	return begun, rest
}

// empty has the batch hold on to nothing.
func (b *batch) empty() {
	clear(b.frames)
	b.frames, b.size, b.follow, b.to = b.frames[:0], 0, nil, follow{}
}

// gather collects what is to be written next: what was begun, then what is for
// this connection alone, then the logs. It reports whether there is anything;
// c.mu is held.
func (c *conn) gather(b *batch) bool {
	b.empty()
	switch {
	case c.over:
	case c.rest != nil:
		b.add(c.rest)
	case len(c.own) > 0:
		for i := 0; i < len(c.own) && b.add(c.own[i]); i++ {
		}
	case !c.closing:
		for i := 0; i < len(c.follows) && b.size == 0; i++ {
			c.turn = (c.turn + 1) % len(c.follows) // one that is far behind holds up no other
			c.gatherLog(b, &c.follows[c.turn])
		}
	}
	return b.size > 0
}

// gatherLog collects the events after f's place or, if the log has moved past
// it, the word that they will not come.
func (c *conn) gatherLog(b *batch, f *follow) {
	if !f.behind() {
		return
	}
	b.follow = f
	if err := f.log.read(f.at, func(e *entry) bool { return b.add(e.in(c.form)) }); err == nil {
		return
	}
	l := f.log.newest()
	tail, head := l.bounds()
	b.to = follow{l, max(tail-1, head-min(afterGap, head))}
	name, data := "stream.gap", any(gap{f.at + 1, b.to.at, "slow"})
	if l != f.log {
		name, data = "stream.reset", map[string]string{"previous": f.log.epoch}
	}
	raw, _ := json.Marshal(data)
	b.add(newEntry(l.channel, Event{Name: name, Data: raw, Place: Place{l.epoch, b.to.at}}).in(c.form))
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
	if n == 0 {
		return
	}
	begun, rest := b.cut(n)
	switch {
	case c.rest != nil: // which is all of the batch
	case b.follow == nil:
		for _, frame := range c.own[:begun] {
			c.owed -= len(frame)
		}
		if c.own = slices.Delete(c.own, 0, begun); len(c.own) == 0 {
			c.own = nil // an idle connection holds nothing
		}
	case b.to.log != nil:
		*b.follow = b.to
		c.shard.gaps.Add(1)
	default:
		b.follow.at += uint64(begun)
		c.shard.delivered.Add(uint64(begun))
	}
	c.rest = rest
	if c.once && b.follow != nil && !c.behind() {
		c.closeLocked()
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

// pending reports whether there is anything to write, or the end to be told; c.mu
// is held.
func (c *conn) pending() bool {
	if c.closing {
		return !c.hung
	}
	return c.rest != nil || len(c.own) > 0 || c.behind()
}

// flush writes what there is, as far as the socket takes it without waiting.
func (c *conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked()
}

func (c *conn) flushLocked() {
	switch {
	case c.over || c.busy || !c.pending():
	case c.fd >= 0:
		c.writeNow()
	default:
		c.busy, c.moved = true, time.Now()
		c.hub.work.Go(c.writeWaiting)
	}
}

// writeWaiting writes to what the poller can't watch, such as TLS, until nothing is
// left. It holds about a frame, and nobody waits for it.
func (c *conn) writeWaiting() {
	b := &batch{most: waitWrite}
	bytes, last := c.next(b)
	for ; len(bytes) > 0; bytes, last = c.next(b) {
		if _, err := c.net.Write(bytes); err != nil {
			c.end()
			return
		}
	}
	if !last {
		return
	}
	half, ok := c.net.(interface{ CloseWrite() error })
	ok = ok && half.CloseWrite() == nil
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hangUp(ok)
}

// next returns what is to be written and waited for: a part at a time, as only a
// write that ends shows that the client takes something. Without any, it says
// whether that was the last.
func (c *conn) next(b *batch) (bytes []byte, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.gather(b) {
		c.busy = c.closing && !c.over
		return nil, c.busy
	}
	n := min(b.size, waitWrite)
	c.commit(b, n)
	c.moved = time.Now()
	return b.bytes()[:n], false
}

// drop ends a connection that takes nothing any more. It is told why, should there
// be room for that much: not over TLS, which is in the middle of what it was saying.
// c.mu is held.
func (c *conn) drop() {
	if c.net == nil {
		if c.form == socketForm { // to a stream it would be a piece of its text
			c.queue(closeFrame(websocket.CloseTryAgainLater, "too slow"))
		}
		c.closeLocked()
		c.writeNow()
	}
	c.endLocked()
}
