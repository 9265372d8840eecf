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
	maxOut       = 64 << 10         // bytes in out; a client with more is a slow consumer
	commentEvery = 15 * time.Second // between heartbeats of a stream: proxies close silent connections
)

// conn is the connection of one client: a cursor into each log that the client follows,
// and the few bytes that are for this client alone.
//
// The fields that a delivery reads come first, within one cache line. With thousands of
// connections, none of these fields is in the processor's cache, so a second line would
// cost a second fetch from memory: TestConn_ADeliveryReadsOneCacheLine.
type conn struct {
	mu sync.Mutex

	// Set before the connection is served, never changed.
	shard    *shard
	form     form
	longPoll bool // the response ends after the first events

	// Guarded by mu. The first four are in the cache line of a delivery.
	state        state
	writePending bool      // flush must wait: the socket is full, the turn is over, or a goroutine is writing or half-closing
	fd           int32     // the socket's descriptor; -1 without the poller, and once the connection is closed
	cursors      []cursor  // one for each channel that the client follows
	firstCursor  [1]cursor // the first array of cursors, so that a connection with one channel allocates none
	out          []byte    // written before any further event: the unsent rest of a frame, and frames for this client alone
	turn         int       // index in cursors of the log that was read last
	lastWrite    time.Time // when writePending was set, or when a retry last wrote bytes
	deadline     time.Time // if not zero, when heartbeat destroys the connection: a message is incomplete, or the state is closing
	nextPing     time.Time
	peerClosed   bool     // the client has sent its close frame or its FIN: see close.go
	net          net.Conn // nil once the poller owns the socket

	// Set before the connection is served, never changed.
	hub    *Hub
	serial uint64
	from   netip.Prefix // the client, as the gate counts it
	held   *Held        // not nil if form is heldForm
	pass   *pass        // nil if the client may follow no private channel

	// Owned by the goroutine that reads: the poller's, or the connection's own.
	in input

	// Safe for concurrent use. It is the time at which heartbeat ends the connection, in Unix
	// nanoseconds. For a stream or a long poll, begin sets it once. For a WebSocket, each frame
	// from the client postpones it: see noteActivity.
	expires atomic.Int64

	// Guarded by shard.mu.
	slot int // index in shard.conns; -1 before the shard has the connection
}

// send writes frames for this client alone, after those that are pending.
func (c *conn) send(frames []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.appendOutput(frames)
	c.flush()
}

// appendOutput appends frames to out, unless the output is sealed. If out grows over maxOut,
// the client sends requests without reading the replies, and is dropped as a slow consumer.
// c.mu is held.
func (c *conn) appendOutput(frames []byte) {
	if c.state != open {
		return
	}
	c.out = append(c.out, frames...)
	if len(c.out) > maxOut {
		c.dropSlow()
	}
}

// noteActivity sets the time at which a WebSocket's client counts as silent: Limits.Silent
// from now.
func (c *conn) noteActivity() { c.expires.Store(time.Now().Add(c.hub.limits.Silent).UnixNano()) }

// heartbeat is called about once a second. It ends a connection whose deadline or expires has
// passed, or whose client is a slow consumer. Otherwise it sends a ping when one is due. c.mu
// is held.
func (c *conn) heartbeat(now time.Time) {
	stuck := c.writePending && !c.retryWrite()
	switch {
	case c.state == closed:
	case !c.deadline.IsZero() && !now.Before(c.deadline):
		if c.state == open { // without a close frame: a client that has stopped within a frame can't answer one
			c.hub.stats.countClosed(websocket.ClosePolicyViolation)
		}
		c.destroy()
	case stuck && now.Sub(c.lastWrite) >= c.hub.limits.Write:
		c.dropSlow()
	case now.UnixNano() >= c.expires.Load():
		if c.form != webSocketForm { // its time is over, and the client will continue from the last position that it knows
			c.appendOutput(c.skips())
		}
		c.closeLocked(websocket.CloseGoingAway, "silent") // a stream ends without a close code
	case c.pass.isOver():
		c.closeLocked(websocket.ClosePolicyViolation, "not allowed any more")
	case !now.Before(c.nextPing):
		c.nextPing = now.Add(c.pingInterval())
		c.appendOutput(append(c.skips(), c.ping()...))
		c.flush()
	}
}

// pingInterval is the time to the next ping. It has jitter: otherwise clients that connected
// at the same time, as after a restart, would always get their pings at the same time.
func (c *conn) pingInterval() time.Duration {
	if c.form != webSocketForm {
		return commentEvery
	}
	every := c.hub.limits.Ping
	return every*9/10 + rand.N(every/5)
}

// ping makes a heartbeat. For a stream it is a comment or an empty line. For a WebSocket it is
// a ping frame and an event, because a page's script doesn't see ping frames. The event has
// the head of each log that the client follows, by which the script can tell a lagging
// connection from a quiet channel. c.mu is held.
func (c *conn) ping() []byte {
	switch c.form {
	case eventForm, lineForm:
		return keepAlive[c.form]
	case heldForm:
		return c.held.Heartbeat(c.heldAt())
	}
	heads := make(map[string]Position, len(c.cursors))
	for _, f := range c.cursors {
		l := f.view.log
		heads[l.channel.name] = Position{l.epoch, l.head.Load()}
	}
	return append(control{Data: map[string]any{"heads": heads}}.encode(railsPing), frameOf(opPing, nil)...)
}

// skips makes the notice stream.skip for each cursor that has passed over events since the client
// was last sent its position. A client that reconnects then doesn't ask for events from far
// behind, and can tell a lagging connection from a filter that nothing passes. c.mu is held.
func (c *conn) skips() (notices []byte) {
	if c.form == heldForm { // its heartbeat and its end have the position
		return nil
	}
	for i := range c.cursors {
		f := &c.cursors[i]
		f.settle()
		if v := f.view; v.filter != nil && f.at > v.told {
			v.told = f.at
			ev := Event{Name: "stream.skip", Data: []byte("{}"), Position: Position{v.log.epoch, f.at}}
			notice, _ := c.form.encode(v.log.channel.name, ev)
			notices = append(notices, notice...)
		}
	}
	return notices
}

// announceDrain tells the client that the connection is about to end, and how long the client
// should wait before it reconnects. Events that the socket can take now are written first. A
// slow client gets the notice ahead of its further events.
func (c *conn) announceDrain(wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
	if c.form == heldForm { // its protocol has no such notice
		return
	}
	c.appendOutput(c.form.message("stream.draining", map[string]int64{"retry_ms": wait.Milliseconds()}))
	c.flush()
}
