package hub

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// What one client may do. The limits on messages and on control frames are
// apart, as a browser answers pings without its script knowing.
const (
	maxMessage   = 4 << 10  // bytes
	maxOwed      = 64 << 10 // bytes of replies to who doesn't read
	fragmentWait = 10 * time.Second
	closeWait    = 5 * time.Second // for the other side's close frame
	maxFollows   = 16
	perSecond    = 10 // messages, and control frames
	burst        = 20
	maxStrikes   = 10 // a minute
)

// conn is one browser: its reader, its place in each log that it follows, and
// the few bytes that are for it alone.
type conn struct {
	hub    *Hub
	shard  *shard
	net    net.Conn
	raw    syscall.RawConn // nil where net is not plain TCP
	ws     *websocket.Conn // read by read alone; writes go through send
	buf    *bufio.Reader   // what ws reads from
	poller *poller         // tells when there is something to read; nil if a goroutine waits for it
	serial uint64          // by which the poller knows it
	seen   atomic.Int64    // when the last frame came, in Unix nanoseconds

	reading            atomic.Bool  // there is a goroutine in read
	messages, controls rate.Limiter // owned by read
	strikes            int          // owned by read, counted since strikesFrom
	strikesFrom        time.Time    // owned by read

	writer   sync.WaitGroup // the goroutine that waits for the socket, if there is one
	slot     int            // place in shard.conns, guarded by shard.mu
	nextPing time.Time      // owned by the shard's loop

	tryWrite func(fd uintptr) bool // set once: tryDrain

	mu      sync.Mutex
	follows []*follow
	control [][]byte // frames for this connection alone that have not begun to go out
	owed    int      // bytes in control
	rest    []byte   // of the frame that the socket took a part of
	drained bool     // the last tryWrite left nothing
	busy    bool     // the writer waits for the socket, and will write whatever comes
	closing bool     // a close frame is in control or gone: nothing may follow it
	dead    bool     // nothing can be written any more
}

// follow is a place in a log. It moves on as events are written.
type follow struct {
	log   *log
	token string
	at    uint64 // the next event to be written is at+1
}

// wake sees to it that a goroutine reads, if there is none yet.
func (c *conn) wake() {
	if c.reading.CompareAndSwap(false, true) {
		c.hub.work.Go(c.read)
	}
}

// read deals with what the client sends, in order, until the connection ends or
// there is no more for now and the poller waits for the rest.
func (c *conn) read() {
	for {
		if err := c.readNext(); err != nil {
			c.linger(err)
			c.hub.remove(c)
			return
		}
		if c.poller != nil && c.buf.Buffered() == 0 && !c.isClosing() {
			c.reading.Store(false)
			c.poller.again(c)
			return
		}
	}
}

func (c *conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing || c.dead
}

// linger lets a client that was told to go see why: closing with bytes unread
// would reset the connection, and what is on its way to the client would be lost.
func (c *conn) linger(err error) {
	half, ok := c.net.(interface{ CloseWrite() error })
	if closed := new(websocket.CloseError); !ok || errors.As(err, &closed) || !c.isClosing() {
		return
	}
	c.writer.Wait()
	half.CloseWrite()
	io.CopyN(io.Discard, c.net, 64<<10) // until the client closes too, or closeWait is over
}

// onControl sets what is done about control frames.
func (c *conn) onControl() {
	c.ws.SetPingHandler(func(data string) error {
		c.alive()
		c.send(append(appendHeader(nil, opPong, len(data)), data...))
		return nil
	})
	c.ws.SetPongHandler(func(string) error { c.alive(); return nil })
	c.ws.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			c.sendLast([]byte{opClose, 0})
		} else {
			c.sendLast(closeFrame(code, ""))
		}
		return nil
	})
}

// readNext waits for something from the client and deals with it.
func (c *conn) readNext() error {
	if head, err := c.buf.Peek(2); err == nil && isPong(head) {
		return c.readPong(int(head[1] & 0x7f))
	}
	return c.readMessage()
}

// isPong recognizes the masked pong frame of a client.
func isPong(head []byte) bool { return head[0] == opPong && head[1]&0x80 != 0 && head[1]&0x7f < 126 }

// readPong takes a pong here, where ws would have it and then wait for a message:
// a goroutine for each client that says nothing else.
func (c *conn) readPong(length int) error {
	if _, err := c.buf.Discard(2 + 4 + length); err != nil { // header, mask, data
		return err
	}
	c.alive()
	return nil
}

func (c *conn) readMessage() error {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return err
	}
	c.readWithin(fragmentWait)
	text, err := io.ReadAll(io.LimitReader(r, maxMessage+1))
	if err != nil {
		return err
	}
	c.readWithin(0)
	c.seen.Store(time.Now().UnixNano())
	return c.receive(kind, text)
}

// readWithin bounds the time of the reads to come, 0 for none. Once the
// connection is closing, the bound set then stays.
func (c *conn) readWithin(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	c.net.SetReadDeadline(deadline)
}

// alive notes a control frame.
func (c *conn) alive() {
	c.seen.Store(time.Now().UnixNano())
	if !c.controls.Allow() {
		c.close(websocket.ClosePolicyViolation, "too many control frames")
	}
}

var errTooBig = errors.New("hub: a message whose end is not waited for")

// receive checks a message and has it answered.
func (c *conn) receive(kind int, text []byte) error {
	switch {
	case kind != websocket.TextMessage:
		c.close(websocket.CloseUnsupportedData, "text messages only")
	case len(text) > maxMessage:
		c.close(websocket.CloseMessageTooBig, "message over 4 KiB")
		return errTooBig
	case !utf8.Valid(text):
		c.close(websocket.CloseInvalidFramePayloadData, "invalid UTF-8")
	case !c.messages.Allow():
		c.close(websocket.ClosePolicyViolation, "too many messages")
	default:
		if req, err := parseRequest(text); err == nil {
			c.answer(req)
		} else {
			c.strike()
		}
	}
	return nil
}

// strike counts a message that makes no sense.
func (c *conn) strike() {
	if now := time.Now(); now.Sub(c.strikesFrom) >= time.Minute {
		c.strikes, c.strikesFrom = 0, now
	}
	if c.strikes++; c.strikes > maxStrikes {
		c.close(websocket.ClosePolicyViolation, "too many malformed messages")
	}
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
		c.giveUp()
	}
}

// giveUp has read end the connection, without a word; c.mu is held.
func (c *conn) giveUp() {
	c.dead = true
	c.net.SetReadDeadline(time.Unix(1, 0))
	c.wake()
}

// close says why and lets the client answer; read then sees the end.
func (c *conn) close(code int, reason string) { c.sendLast(closeFrame(code, reason)) }

func (c *conn) sendLast(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	c.queue(frame)
	c.closing = true
	c.net.SetReadDeadline(time.Now().Add(closeWait))
	c.flushLocked()
	c.wake() // to see the client's close frame
}

// beat is called about once a second: it pings, and ends a connection that is silent.
func (c *conn) beat(now time.Time) {
	if now.Sub(time.Unix(0, c.seen.Load())) >= deadAfter {
		c.close(websocket.CloseGoingAway, "silent")
		return
	}
	if now.Before(c.nextPing) {
		return
	}
	c.nextPing = now.Add(pingWait())
	c.send(control{Data: map[string]any{"heads": c.heads()}}.encode(railsPing), []byte{opPing, 0})
}

// heads tells how far each log that is followed has come, so that a script,
// which sees no control frames, can tell a lagging connection from a quiet channel.
func (c *conn) heads() map[string]head {
	c.mu.Lock()
	defer c.mu.Unlock()
	heads := make(map[string]head, len(c.follows))
	for _, f := range c.follows {
		heads[f.log.channel] = head{f.log.epoch, f.log.head.Load()}
	}
	return heads
}

type head struct {
	Epoch  string `json:"epoch"`
	Offset uint64 `json:"offset"`
}
