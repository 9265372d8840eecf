package hub

import (
	"encoding/json"
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

// follow is a place in a log. It moves on as events are written.
type follow struct {
	log *log
	at  uint64 // the next event to be written is at+1
}

func (f *follow) behind() bool { return f.at != f.log.head.Load() || f.log.next.Load() != nil }

// batch is what one write takes from one log, and room to lay it end to end.
type batch struct {
	most   int     // bytes, unless a single frame has more
	follow *follow // whose place the frames move
	frames [][]byte
	size   int // bytes
	buf    []byte
}

var batches = sync.Pool{New: func() any { return new(batch) }}

// add takes the event if there is room for it.
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

// empty has the batch hold on to nothing.
func (b *batch) empty() {
	clear(b.frames)
	b.follow, b.frames, b.size = nil, b.frames[:0], 0
}

// flush writes what there is, as far as the socket takes it without waiting.
func (c *conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked()
}

// flushLocked writes everything, or as much as one connection may at once. If there
// is more, or the socket is full, it goes on when the poller says that it takes more:
// after the others have had their turn.
func (c *conn) flushLocked() {
	if c.busy || c.state >= hung {
		return
	}
	b := batches.Get().(*batch)
	defer batches.Put(b)
	defer b.empty()
	if b.most = maxWrite; c.net != nil {
		b.most = waitWrite
	}
	for i := 1; ; i++ {
		bytes := c.gather(b)
		if len(bytes) == 0 {
			break
		}
		n, err := c.write(bytes)
		if err != nil {
			c.endLocked()
			return
		}
		if c.commit(b, n); n < len(bytes) || i == atOnce || c.net != nil {
			c.busy, c.moved = true, time.Now()
			c.hub.poller.watch(c.fd, true)
			return
		}
	}
	if c.state == closing {
		c.shut()
	}
}

// writable goes on where the socket was full.
func (c *conn) writable() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy && c.state != over {
		c.busy = false
		c.hub.poller.watch(c.fd, false)
		c.flushLocked()
	}
}

// gather returns what is to be written next: what is for this connection alone, then
// the logs, which take turns, so that one that is far behind holds up no other. c.mu
// is held.
func (c *conn) gather(b *batch) []byte {
	b.empty()
	for i := 0; i < len(c.follows) && b.size == 0 && len(c.out) == 0 && c.state == opened; i++ {
		c.turn = (c.turn + 1) % len(c.follows)
		c.gatherLog(b, &c.follows[c.turn])
	}
	if len(c.out) > 0 {
		return c.out[:min(len(c.out), maxWrite)]
	}
	return b.bytes()
}

// gatherLog collects the events after f's place. If the log has moved past it, it
// moves on to what the log still has, after the word that the rest will not come.
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
	at := max(tail-1, head-min(afterGap, head))
	name, data := "stream.gap", any(gap{f.at + 1, at, "slow"})
	if l != f.log {
		name, data = "stream.reset", map[string]string{"previous": f.log.epoch}
	}
	raw, _ := json.Marshal(data)
	c.out, _ = c.form.encode(l.channel, Event{Name: name, Data: raw, Place: Place{l.epoch, at}})
	*f = follow{l, at}
	c.shard.gaps.Add(1)
}

// gap is the data of the word that some events will not come.
type gap struct {
	From   uint64 `json:"from"`
	To     uint64 `json:"to"`
	Reason string `json:"reason"`
}

// commit notes that the first n bytes of what was gathered have gone out. An event of
// which a part has gone is as good as gone: its rest comes first next time. c.mu is held.
func (c *conn) commit(b *batch, n int) {
	if b.size == 0 {
		if c.out = c.out[n:]; len(c.out) == 0 {
			c.out = nil // an idle connection holds nothing
		}
		return
	}
	begun := 0
	for ; begun < len(b.frames) && n > 0; begun++ {
		frame := b.frames[begun]
		if n < len(frame) {
			c.out = slices.Clip(frame[n:]) // others have the same frame: nothing may be appended to it
		}
		n -= len(frame)
	}
	b.follow.at += uint64(begun)
	c.shard.delivered.Add(uint64(begun))
	if c.once && begun > 0 && !slices.ContainsFunc(c.follows, func(f follow) bool { return f.behind() }) {
		c.state, c.deadline = closing, time.Now().Add(closeWait)
	}
}
