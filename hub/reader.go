package hub

import (
	"errors"
	"io"
	"net"
	"runtime/debug"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

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
		if c.poller != nil && c.buf.Buffered() == 0 {
			c.pause()
			return
		}
	}
}

// pause leaves it to the poller to say when there is more. Whoever ends the
// connection meanwhile may have found this goroutine still reading and not
// woken another, so that is looked at last.
func (c *conn) pause() {
	c.reading.Store(false)
	if c.isClosing() {
		c.wake()
	} else {
		c.poller.again(c)
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
func (c *conn) readNext() (err error) {
	defer c.survive(&err)
	if c.ws == nil {
		return c.readEnd()
	}
	if head, err := c.buf.Peek(2); err == nil && isPong(head) {
		return c.readPong(int(head[1] & 0x7f))
	}
	return c.readMessage()
}

// survive ends one connection where a panic would end them all.
func (c *conn) survive(err *error) {
	p := recover()
	if p == nil {
		return
	}
	c.hub.opts.Log.Error("a connection's reader panicked", "conn", c.serial, "err", p, "stack", string(debug.Stack()))
	*err = errPanic
	c.close(websocket.CloseInternalServerErr, "internal error")
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
	c.readWithin(c.hub.limits.Fragment)
	text, err := io.ReadAll(io.LimitReader(r, int64(c.hub.limits.Message)+1))
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() && !c.isClosing() {
		c.hub.stats.countClosed(websocket.ClosePolicyViolation) // without a word: it may still be speaking
	}
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
	c.heard = 0
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	c.net.SetReadDeadline(deadline)
}

// alive notes a control frame.
func (c *conn) alive() {
	c.seen.Store(time.Now().UnixNano())
	if c.controls.Allow() {
		c.heard = 0
	} else {
		c.close(websocket.ClosePolicyViolation, "too many control frames")
	}
}

var errPanic = errors.New("hub: panic")

var errTooBig = errors.New("hub: a message whose end is not waited for")

// receive checks a message and has it answered.
func (c *conn) receive(kind int, text []byte) error {
	switch {
	case kind != websocket.TextMessage:
		c.close(websocket.CloseUnsupportedData, "text messages only")
	case len(text) > c.hub.limits.Message:
		c.close(websocket.CloseMessageTooBig, "message too big")
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
	now := time.Now()
	old := func(t time.Time) bool { return now.Sub(t) >= time.Minute }
	c.strikes = append(slices.DeleteFunc(c.strikes, old), now)
	if len(c.strikes) > c.hub.limits.Strikes {
		c.close(websocket.ClosePolicyViolation, "too many malformed messages")
	}
}
