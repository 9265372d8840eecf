package hub

import (
	"bufio"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

const (
	closeWait = 5 * time.Second // for the other side's close frame
	maxOwed   = 64 << 10        // bytes of replies to a client that doesn't read
)

// conn is one browser: its reader, its place in each log that it follows, and
// the few bytes that are for it alone.
//
// What a delivery touches stands first, and together: with thousands of connections
// none of it is in the processor's cache, and fetching it is what we can save.
type conn struct {
	mu      sync.Mutex // guards the fields up to owed, but for form and shard
	fd      int32      // the socket, -1 where net is not plain TCP or is being closed
	form    form       // set once
	busy    bool       // the writer waits for the socket, and will write whatever comes
	closing bool       // what is in control is the last: a close frame, or the end of a stream
	dead    bool       // nothing can be written any more
	follows []follow
	only    [1]follow // room for the first of follows
	shard   *shard    // set once
	control [][]byte  // frames for this connection alone that have not begun to go out
	rest    []byte    // of the frame that the socket took a part of
	owed    int       // bytes in control

	once   bool // a long poll, over with the first events; set once, as are those that follow
	hub    *Hub
	net    net.Conn
	raw    syscall.RawConn // nil where net is not plain TCP
	ws     *websocket.Conn // read by read alone; writes go through send
	buf    *bufio.Reader   // what ws reads from
	poller *poller         // tells when there is something to read; nil if a goroutine waits for it
	serial uint64          // by which the poller knows it
	seen   atomic.Int64    // when the last frame came, in Unix nanoseconds

	reading            atomic.Bool  // there is a goroutine in read
	messages, controls rate.Limiter // owned by read
	strikes            []time.Time  // owned by read, of the last minute
	heard              int          // owned by read: bytes since the last message or control frame that was welcome

	writer   sync.WaitGroup // the goroutine that waits for the socket, if there is one
	from     netip.Prefix   // set once: for the gate
	slot     int            // place in shard.conns, guarded by shard.mu
	nextPing time.Time      // owned by the shard's loop
	ends     time.Time      // set once: when a stream is over
}

// follow is a place in a log. It moves on as events are written.
type follow struct {
	log *log
	at  uint64 // the next event to be written is at+1
}

func (f *follow) behind() bool { return f.at != f.log.head.Load() || f.log.next.Load() != nil }

// shut closes the socket and takes its number from those who would write. It must
// not be called with mu held: TLS says goodbye first, which may take a while.
func (c *conn) shut() {
	c.mu.Lock()
	c.fd = -1 // it may be another's from now on
	c.mu.Unlock()
	c.net.Close()
}

// send writes a frame for this connection alone, after what is already waiting.
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
		c.control = append(c.control, frame)
		c.owed += len(frame)
	}
	if c.owed > maxOwed {
		c.hub.stats.slow.Add(1)
		c.giveUp()
	}
}

// giveUp has read end the connection, without a word; c.mu is held.
func (c *conn) giveUp() {
	c.dead = true
	c.endLocked()
}

// close says why, if the client is one that can be told, and lets it answer; read
// then sees the end.
func (c *conn) close(code int, reason string) {
	if c.ws == nil {
		c.endStream()
	} else if c.sendLast(closeFrame(code, reason)) {
		c.hub.stats.countClosed(code)
	}
}

// sendLast sends a close frame, unless one has been sent.
func (c *conn) sendLast(frame []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.queue(frame)
	c.closing = true
	c.net.SetReadDeadline(time.Now().Add(closeWait))
	c.flushLocked()
	c.wake() // to see the client's close frame
	return true
}

// beat is called about once a second.
func (c *conn) beat(now time.Time) {
	if c.ws == nil {
		c.beatStream(now)
	} else {
		c.beatSocket(now)
	}
}

// beatSocket pings, and ends a connection that is silent.
func (c *conn) beatSocket(now time.Time) {
	if now.Sub(time.Unix(0, c.seen.Load())) >= c.hub.limits.Silent {
		c.close(websocket.CloseGoingAway, "silent")
		return
	}
	if now.Before(c.nextPing) {
		return
	}
	c.nextPing = now.Add(c.hub.pingWait())
	c.send(control{Data: map[string]any{"heads": c.heads()}}.encode(railsPing), []byte{opPing, 0})
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
// to wait before it comes back.
func (c *conn) sayDraining(wait time.Duration) {
	c.flush() // what was published before comes before
	c.send(c.form.message("stream.draining", map[string]int64{"retry_ms": wait.Milliseconds()}))
}

// restart ends the connection because the server stops.
func (c *conn) restart() { c.close(websocket.CloseServiceRestart, "restart") }
