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
	maxOut       = 64 << 10         // bytes that wait for one client alone, before it counts as slow
	commentEvery = 15 * time.Second // the heartbeat of a stream: proxies close what is silent
)

// conn is one client: a cursor into each log that it follows, and the few bytes that
// are for this client alone.
//
// The fields that a delivery reads come first and fill one cache line. With thousands
// of connections none of them is in the processor's cache, so each line is a fetch from
// memory: TestConn_ADeliveryReadsOneCacheLine.
type conn struct {
	mu sync.Mutex

	// Set before the connection is served, never changed.
	shard    *shard
	form     form
	longPoll bool // the response ends with the first events

	// Guarded by mu. The first four are in the cache line of a delivery.
	state        state
	writePending bool      // the rest is written later: the socket is full, the turn is over, or a goroutine writes or closes
	fd           int32     // the socket; -1 if net is the connection, or once it is closed
	cursors      []cursor  // one for each channel that the client follows
	firstCursor  [1]cursor // room for one, so that most connections allocate no slice
	out          []byte    // to be written first: the rest of a frame, and frames for this client alone
	turn         int       // index in cursors of the log that was read last
	lastWrite    time.Time // when writePending began, or the socket last took bytes
	deadline     time.Time // if not zero, when to end: a message is incomplete, or the connection is closing
	nextPing     time.Time
	peerClosed   bool     // the client has sent its close frame or its FIN: see close.go
	net          net.Conn // nil once the poller owns the socket

	// Set before the connection is served, never changed.
	hub    *Hub
	serial uint64
	from   netip.Prefix // the client, as the gate counts it

	// Owned by the poller, or by the goroutine that reads.
	in input

	// Safe for all.
	expires atomic.Int64 // when heartbeat ends the connection: Unix nanoseconds
	// For a stream or a long poll, begin sets it once. For a WebSocket, each frame from the
	// client sets it to the time of the frame plus Limits.Silent: see noteActivity.

	// Guarded by shard.mu.
	slot int // index in shard.conns
}

// send writes frames for this client alone, after those that are pending.
func (c *conn) send(frames []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.appendOutput(frames)
	c.flush()
}

// appendOutput puts frames behind those that are pending in out, unless the output is
// sealed. It bounds the replies to a client that asks without reading: that one is a slow
// consumer. c.mu is held.
func (c *conn) appendOutput(frames []byte) {
	if c.state != open {
		return
	}
	c.out = append(c.out, frames...)
	if len(c.out) > maxOut {
		c.dropSlow()
	}
}

// noteActivity postpones the time at which a WebSocket counts as silent.
func (c *conn) noteActivity() { c.expires.Store(time.Now().Add(c.hub.limits.Silent).UnixNano()) }

// heartbeat is called about once a second. It ends a connection whose deadline or expires
// has passed, or whose client is slow, and sends the pings. c.mu is held.
func (c *conn) heartbeat(now time.Time) {
	stuck := c.writePending && !c.retryWrite()
	switch {
	case c.state == closed:
	case !c.deadline.IsZero() && !now.Before(c.deadline):
		if c.state == open { // no close frame: a client in the middle of a frame can't answer it
			c.hub.stats.countClosed(websocket.ClosePolicyViolation)
		}
		c.destroy()
	case stuck && now.Sub(c.lastWrite) >= c.hub.limits.Write:
		c.dropSlow()
	case now.UnixNano() >= c.expires.Load():
		c.closeLocked(websocket.CloseGoingAway, "silent") // for a stream, its ordinary end: no code is sent
	case !now.Before(c.nextPing):
		c.nextPing = now.Add(c.pingInterval())
		c.appendOutput(c.ping())
		c.flush()
	}
}

// pingInterval is the time to the next ping. Jitter keeps the pings of clients that
// connected together, as after a restart, from staying together.
func (c *conn) pingInterval() time.Duration {
	if c.form != webSocketForm {
		return commentEvery
	}
	every := c.hub.limits.Ping
	return every*9/10 + rand.N(every/5)
}

// ping makes a heartbeat: an event and a control frame, or a stream's blank comment. The
// event tells the head of each log that the client follows. A script doesn't see control
// frames, and by the heads it can tell a lagging connection from a quiet channel. c.mu
// is held.
func (c *conn) ping() []byte {
	if c.form != webSocketForm {
		return keepAlive[c.form]
	}
	heads := make(map[string]Position, len(c.cursors))
	for _, f := range c.cursors {
		heads[f.log.channel.name] = Position{f.log.epoch, f.log.head.Load()}
	}
	return append(control{Data: map[string]any{"heads": heads}}.encode(railsPing), frameOf(opPing, nil)...)
}

// announceDrain tells the client that the connection is about to end, and how long to
// wait before it reconnects. Events that the socket can take now are written first; a
// slow client gets the notice ahead of the rest of its backlog.
func (c *conn) announceDrain(wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
	c.appendOutput(c.form.message("stream.draining", map[string]int64{"retry_ms": wait.Milliseconds()}))
	c.flush()
}
