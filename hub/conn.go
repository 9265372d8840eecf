package hub

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	closeWait = 5 * time.Second // for the client to close, once it has been told to
	maxOwed   = 64 << 10        // bytes for one connection alone, to a client that doesn't read
)

// state is how far a connection has come. It goes forward only.
type state uint8

const (
	opened  state = iota
	closing       // what is in out is the last: a close frame, or the end of a stream
	hung          // that has been written, and the client told that nothing follows
	over          // the socket is closed, and the connection counted out
)

// conn is one client: its position in each log that it follows, and the few bytes
// that are for it alone.
//
// What a delivery touches stands first, and together: with thousands of connections
// none of it is in the processor's cache, and fetching it is what we can save.
type conn struct {
	mu       sync.Mutex // guards the fields up to theirs, but for those that are set once
	fd       int32      // the socket; -1 where net is, and when it is over
	form     form       // set once
	state    state
	busy     bool // somebody will go on: the poller, or a goroutine that waits
	once     bool // a long poll, over with the first events; set once
	follows  []follow
	only     [1]follow // room for the first of follows
	shard    *shard    // set once
	out      []byte    // for this connection alone, and before that the rest of a frame that the socket took a part of
	turn     int       // of follows, the one that was written last
	moved    time.Time // when it became busy, or last took something
	deadline time.Time // if not zero, when to end it: the client is within a message, or should be gone
	nextPing time.Time
	theirs   bool // the client has said its last

	hub    *Hub // set once, as those up to from
	serial uint64
	from   netip.Prefix // for the gate
	net    net.Conn     // what goroutines wait for; nil once the poller has taken it over, with mu held

	until atomic.Int64 // when a stream is over, or a WebSocket has been silent for too long, in Unix nanoseconds
	in    input        // owned by the poller, or by the goroutine that reads
	slot  int          // position in shard.conns, guarded by shard.mu
}

// send writes frames for this connection alone, after those that are waiting.
func (c *conn) send(frames []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue(frames)
	c.flush()
}

// queue puts frames behind the waiting ones; c.mu is held. Who asks for more than
// it reads is not waited for.
func (c *conn) queue(frames []byte) {
	if c.state != opened {
		return
	}
	if c.out = append(c.out, frames...); len(c.out) > maxOwed {
		c.drop()
	}
}

// close has the client go, and says why if it can be told.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked(code, reason)
}

// closeLocked is close with c.mu held. Who has been told to go already is left alone,
// and a stream can't be told why.
func (c *conn) closeLocked(code int, reason string) {
	if c.state == opened && c.form == socketForm {
		if c.queue(closeFrame(code, reason)); c.state == opened {
			c.hub.stats.countClosed(code)
		}
	}
	c.finish()
}

// finish writes what is waiting, as the last; c.mu is held.
func (c *conn) finish() {
	c.last()
	c.flush()
}

// last lets nothing follow what is waiting; c.mu is held.
func (c *conn) last() {
	if c.state == opened {
		c.state, c.deadline = closing, time.Now().Add(closeWait)
	}
}

// shut tells the client that nothing follows; c.mu is held.
func (c *conn) shut() {
	if c.fd >= 0 {
		c.hangUp(shutFD(c.fd) == nil)
		return
	}
	c.busy, c.moved = true, time.Now()
	c.hub.work.Go(c.shutWaiting)
}

// gone is called when the client says nothing more: what it was owed still goes out,
// unless its socket is full.
func (c *conn) gone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.theirs = true
	if c.finish(); c.net == nil || c.state == hung {
		c.endLocked()
	}
}

// hangUp ends a connection that has been told everything. The client should close
// first: with bytes of its own unread it would see a reset instead of what is on its
// way. Where it can't be told that nothing follows, it isn't waited for. c.mu is held.
func (c *conn) hangUp(told bool) {
	c.busy, c.state = false, max(c.state, hung)
	if c.theirs || !told {
		c.endLocked()
	}
}

// drop ends a connection that is too slow. It can't be told why: there is no room. c.mu
// is held.
func (c *conn) drop() {
	if c.state == over {
		return
	}
	c.hub.stats.count(func(s *Stats) { s.Slow++ })
	if c.form == socketForm && c.state == opened {
		c.hub.stats.countClosed(websocket.CloseTryAgainLater)
	}
	c.endLocked()
}

func (c *conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked()
}

// endLocked closes the socket and counts the connection out. The system forgets what
// a full socket holds: it would try on for long, and keep much more than we do.
func (c *conn) endLocked() {
	if c.state == over {
		return
	}
	c.state = over
	if c.net == nil {
		c.hub.poller.remove(c.fd, c.busy)
		c.fd = -1 // it may be another's from now on
	} else {
		c.closeNet()
	}
	c.hub.forget(c)
}

// alive notes that a WebSocket's client has said something.
func (c *conn) alive() { c.until.Store(time.Now().Add(c.hub.limits.Silent).UnixNano()) }

// beat is called about once a second: it ends what takes too long, and pings. c.mu is held.
func (c *conn) beat(now time.Time) {
	stuck := c.busy && !c.retry()
	switch {
	case c.state == over:
	case !c.deadline.IsZero() && !now.Before(c.deadline):
		if c.state == opened { // without a word: it may still be speaking
			c.hub.stats.countClosed(websocket.ClosePolicyViolation)
		}
		c.endLocked()
	case stuck && now.Sub(c.moved) >= c.hub.limits.Write:
		c.drop()
	case now.UnixNano() >= c.until.Load():
		c.closeLocked(websocket.CloseGoingAway, "silent") // a stream's time is up, which needs no word
	case !now.Before(c.nextPing):
		c.nextPing = now.Add(c.pause())
		c.queue(c.ping())
		c.flush()
	}
}

// pause is the time to the next ping: not the same for all, so that they do not
// all fall into one moment after a restart.
func (c *conn) pause() time.Duration {
	if c.form != socketForm {
		return commentEvery
	}
	every := c.hub.limits.Ping
	return every*9/10 + rand.N(every/5)
}

// ping makes what keeps a connection from being silent; c.mu is held. It tells how far
// each log that is followed has come, so that a script, which sees no control frames,
// can tell a lagging connection from a quiet channel.
func (c *conn) ping() []byte {
	if c.form != socketForm {
		return nothing[c.form]
	}
	heads := make(map[string]Position, len(c.follows))
	for _, f := range c.follows {
		heads[f.log.channel.name] = Position{f.log.epoch, f.log.head.Load()}
	}
	return append(control{Data: map[string]any{"heads": heads}}.encode(railsPing), frameOf(opPing, nil)...)
}

// sayDraining tells the client that the connection is about to end, and how long
// to wait before it comes back. It comes before what a slow client hasn't had yet.
func (c *conn) sayDraining(wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush() // what was published before comes before, where there is room
	c.queue(c.form.message("stream.draining", map[string]int64{"retry_ms": wait.Milliseconds()}))
	c.flush()
}
