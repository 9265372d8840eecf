package hub

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	closeWait = 5 * time.Second // for the client to close, once it has been told to
	maxOwed   = 64 << 10        // bytes of replies to a client that doesn't read
)

// conn is one client: its place in each log that it follows, and the few bytes
// that are for it alone. It ends by going forward only:
//
//	closing  what is in own is the last: a close frame, or the end of a stream
//	hung     that has been written, and the client told that nothing follows
//	over     the socket is closed, and the connection counted out
//
// What a delivery touches stands first, and together: with thousands of connections
// none of it is in the processor's cache, and fetching it is what we can save.
type conn struct {
	mu       sync.Mutex // guards the fields up to theirs, but for form and shard
	fd       int32      // the socket; -1 where net is, and when it is over
	form     form       // set once
	busy     bool       // the socket is full, and whoever waits for it goes on
	closing  bool
	over     bool
	follows  []follow
	only     [1]follow // room for the first of follows
	shard    *shard    // set once
	own      [][]byte  // frames for this connection alone that have not begun to go out
	rest     []byte    // of the frame that the socket took a part of
	owed     int       // bytes in own
	turn     int       // of follows, the one that was written last
	moved    time.Time // since when the socket that is busy has not been found to take more
	deadline time.Time // if not zero, when to end it: the client is within a message, or should be gone
	hung     bool
	theirs   bool // the client has said its last

	hub    *Hub // set once, as those up to ends
	once   bool // a long poll, over with the first events
	serial uint64
	from   netip.Prefix // for the gate
	ends   time.Time    // when a stream is over
	net    net.Conn     // what goroutines wait for, where the poller can't; else nil

	seen     atomic.Int64 // when the last frame came, in Unix nanoseconds
	in       input        // owned by the poller, or by the goroutine that reads
	slot     int          // place in shard.conns, guarded by shard.mu
	nextPing time.Time    // owned by the shard's loop
}

// follow is a place in a log. It moves on as events are written.
type follow struct {
	log *log
	at  uint64 // the next event to be written is at+1
}

func (f *follow) behind() bool { return f.at != f.log.head.Load() || f.log.next.Load() != nil }

// send writes frames for this connection alone, after those that are waiting.
func (c *conn) send(frames ...[]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue(frames...)
	c.flushLocked()
}

// queue puts frames behind the waiting ones; c.mu is held. Who asks for more than
// it reads is not waited for.
func (c *conn) queue(frames ...[]byte) {
	if c.closing {
		return
	}
	for _, frame := range frames {
		c.own = append(c.own, frame)
		c.owed += len(frame)
	}
	if c.owed > maxOwed {
		c.hub.stats.count(func(s *Stats) { s.Slow++ })
		c.endLocked()
	}
}

// close says why, if the client is one that can be told, and has it go.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	if c.form == socketForm {
		c.hub.stats.countClosed(code)
		c.queue(closeFrame(code, reason))
	}
	c.closeLocked()
	c.flushLocked()
}

// closeLocked lets nothing follow what is waiting.
func (c *conn) closeLocked() {
	if !c.closing {
		c.closing, c.deadline = true, time.Now().Add(closeWait)
	}
}

// gone is called when the client says nothing more: what it was owed still goes out,
// unless its socket is full.
func (c *conn) gone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.theirs = true
	c.closeLocked()
	c.flushLocked()
	if c.net == nil || c.hung {
		c.endLocked()
	}
}

// hangUp ends a connection that has been told everything. The client should close
// first: with bytes of its own unread it would see a reset instead of what is on its
// way. Where it can't be told that nothing follows, it isn't waited for. c.mu is held.
func (c *conn) hangUp(told bool) {
	if c.hung, c.busy = true, false; c.theirs || !told {
		c.endLocked()
	}
}

func (c *conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked()
}

// endLocked closes the socket and counts the connection out. The system forgets what
// a full socket holds: it would try on for long, and keep much more than we do.
func (c *conn) endLocked() {
	if c.over {
		return
	}
	if c.net == nil {
		c.hub.poller.remove(c.fd, c.busy)
		c.fd = -1 // it may be another's from now on
	} else {
		closeNet(inner(c.net), c.busy) // TLS would say goodbye first, and wait
	}
	c.closing, c.over = true, true
	c.hub.forget(c)
}

func closeNet(nc net.Conn, reset bool) {
	if tcp, ok := nc.(*net.TCPConn); ok && reset {
		tcp.SetLinger(0)
	}
	nc.Close()
}

// inner returns the connection that nc stands on, as TLS does on one of TCP; nc, if it
// stands on none.
func inner(nc net.Conn) net.Conn {
	for {
		over, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nc
		}
		nc = over.NetConn()
	}
}

// beat is called about once a second.
func (c *conn) beat(now time.Time) {
	c.expire(now)
	switch {
	case c.form != socketForm && now.After(c.ends):
		c.restart()
	case c.form == socketForm && now.Sub(time.Unix(0, c.seen.Load())) >= c.hub.limits.Silent:
		c.close(websocket.CloseGoingAway, "silent")
	case !now.Before(c.nextPing):
		c.ping(now)
	}
}

// expire ends what takes too long: to go, to say something, or to read.
func (c *conn) expire(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over:
	case !c.deadline.IsZero() && !now.Before(c.deadline):
		if !c.closing { // without a word: it may still be speaking
			c.hub.stats.countClosed(websocket.ClosePolicyViolation)
		}
		c.endLocked()
	case c.busy && now.Sub(c.moved) >= c.hub.limits.Write:
		c.hub.stats.count(func(s *Stats) { s.Slow++ })
		c.drop()
	}
}

// ping keeps a connection from being silent.
func (c *conn) ping(now time.Time) {
	if c.form != socketForm {
		c.nextPing = now.Add(commentEvery)
		c.send(nothing[c.form])
		return
	}
	c.nextPing = now.Add(c.hub.pingWait())
	c.send(control{Data: map[string]any{"heads": c.heads()}}.encode(railsPing), frameOf(opPing, nil))
}

// heads tells how far each log that is followed has come, so that a script,
// which sees no control frames, can tell a lagging connection from a quiet channel.
func (c *conn) heads() map[string]Place {
	c.mu.Lock()
	defer c.mu.Unlock()
	heads := make(map[string]Place, len(c.follows))
	for _, f := range c.follows {
		heads[f.log.channel] = Place{f.log.epoch, f.log.head.Load()}
	}
	return heads
}

// sayDraining tells the client that the connection is about to end, and how long
// to wait before it comes back. It comes before what a slow client hasn't had yet.
func (c *conn) sayDraining(wait time.Duration) {
	c.flush() // what was published before comes before, where there is room
	c.send(c.form.message("stream.draining", map[string]int64{"retry_ms": wait.Milliseconds()}))
}

// restart has the client come back, perhaps to another node.
func (c *conn) restart() { c.close(websocket.CloseServiceRestart, "restart") }
