package hub

import (
	"encoding/binary"
	"runtime/debug"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// input is what a client is saying, and how much of late.
type input struct {
	part    []byte // of a frame that has not come whole
	message []byte // of a message whose last fragment has not come
	kind    byte   // of that message: its first frame's opcode; 0 if there is none
	deaf    bool   // nothing that comes means anything any more
	heard   int    // bytes since the last message or control frame that was welcome; of a deaf one, all

	messages, controls rate.Limiter
	strikes            []time.Time // of the last minute
}

// maxIgnored is how many bytes are read from a client that should be gone: closing
// with any unread would reset the connection before it has seen why.
const maxIgnored = 64 << 10

// hear deals with what the client has sent, wherever it was cut.
func (c *conn) hear(b []byte) {
	defer c.survive()
	in := &c.in
	switch {
	case c.form != socketForm: // a stream's client has nothing to say
		c.gone()
		return
	case in.deaf:
		if in.heard += len(b); in.heard > maxIgnored {
			c.end()
		}
		return
	case len(in.part) > 0:
		b = append(in.part, b...)
	}
	whole := false // a message has ended
	for size := -1; size != 0 && !in.deaf; b = b[size:] {
		var f frame
		var err *websocket.CloseError
		if f, size, err = parseFrame(b, c.hub.limits.Message); size > 0 {
			err = c.take(f, size)
			whole = whole || in.kind == 0
		}
		c.fail(err)
	}
	if in.part = append(in.part[:0], b...); len(b) == 0 || in.deaf {
		in.part = nil // an idle connection holds nothing
	}
	c.expect(in.part != nil || in.kind != 0, whole)
}

// fail ends the connection because of what the client has said, if it is a fault.
func (c *conn) fail(err *websocket.CloseError) {
	if err != nil {
		c.in.deaf, c.in.heard = true, 0
		c.close(err.Code, err.Text)
	}
}

// expect bounds the time that the rest of a message may take, if there is one.
func (c *conn) expect(rest, another bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state != opened:
	case !rest:
		c.deadline = time.Time{}
	case another || c.deadline.IsZero():
		c.deadline = time.Now().Add(c.hub.limits.Fragment)
	}
}

// survive ends one connection where a panic while it is heard would end them all.
func (c *conn) survive() {
	if p := recover(); p != nil {
		c.hub.opts.Log.Error("a connection's reader panicked", "conn", c.serial, "err", p, "stack", string(debug.Stack()))
		c.fail(fault(websocket.CloseInternalServerErr, "internal error"))
	}
}

// frame is one of RFC 6455, section 5.2.
type frame struct {
	final bool
	op    byte // without the FIN bit
	data  []byte
}

// fault is why a connection is closed, as the client will be told.
func fault(code int, reason string) *websocket.CloseError {
	return &websocket.CloseError{Code: code, Text: reason}
}

func broken(rule string) *websocket.CloseError { return fault(websocket.CloseProtocolError, rule) }

// parseFrame reads the frame that b begins with, and unmasks it in place. Its size is
// 0 if it has not come whole; one that is too big is not waited for.
func parseFrame(b []byte, most int) (f frame, size int, err *websocket.CloseError) {
	if len(b) < 2 {
		return f, 0, nil
	}
	f.final, f.op = b[0]&0x80 != 0, b[0]&0xF
	length, head := uint64(b[1]&0x7F), 2
	switch {
	case b[0]&0x70 != 0:
		return f, 0, broken("reserved bits")
	case f.op > opBinary && f.op < opClose || f.op > opPong:
		return f, 0, broken("unknown opcode")
	case b[1]&0x80 == 0:
		return f, 0, broken("not masked")
	case f.op >= opClose && (length > 125 || !f.final):
		return f, 0, broken("a control frame that is long, or in fragments")
	case length == 126 && len(b) >= 4:
		length, head = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case length == 127 && len(b) >= 10:
		length, head = binary.BigEndian.Uint64(b[2:]), 10
	case length >= 126:
		return f, 0, nil
	}
	if length > uint64(most) {
		return f, 0, fault(websocket.CloseMessageTooBig, "message too big")
	}
	if size = head + 4 + int(length); len(b) < size {
		return f, 0, nil
	}
	mask := b[head : head+4]
	f.data = b[head+4 : size]
	for i := range f.data {
		f.data[i] ^= mask[i%4]
	}
	return f, size, nil
}

// take deals with a frame of so many bytes, and returns what is wrong with it.
func (c *conn) take(f frame, size int) *websocket.CloseError {
	in := &c.in
	c.alive()
	switch in.heard += size; {
	case f.op == opClose:
		return c.closedByClient(f.data)
	case f.op < opClose:
		return c.join(f)
	case !in.controls.Allow():
		return fault(websocket.ClosePolicyViolation, "too many control frames")
	}
	in.heard = 0
	if f.op == opPing {
		c.send(frameOf(opPong, f.data))
	}
	return nil
}

// join puts the fragments of a message together.
func (c *conn) join(f frame) *websocket.CloseError {
	in := &c.in
	switch {
	case (f.op == opContinuation) != (in.kind != 0):
		return broken("fragments out of order")
	case len(in.message)+len(f.data) > c.hub.limits.Message:
		return fault(websocket.CloseMessageTooBig, "message too big")
	case in.heard > 8*c.hub.limits.Message: // in fragments of one byte it takes 7
		return fault(websocket.ClosePolicyViolation, "too many bytes")
	case f.op != opContinuation:
		in.kind = f.op
	}
	if !f.final {
		in.message = append(in.message, f.data...)
		return nil
	}
	kind, message := in.kind, append(in.message, f.data...)
	in.kind, in.message, in.heard = 0, nil, 0
	return c.receive(kind, message)
}

// closedByClient answers a close frame with its own code.
func (c *conn) closedByClient(data []byte) *websocket.CloseError {
	code := websocket.CloseNoStatusReceived
	if len(data) > 1 {
		code = int(binary.BigEndian.Uint16(data))
	}
	if len(data) == 1 || len(data) > 1 && !mayClose(code) || !utf8.Valid(data[min(2, len(data)):]) {
		return broken("bad close frame")
	}
	c.in.deaf, c.in.heard = true, 0
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.theirs = true; c.state == hung {
		c.endLocked()
	}
	c.queue(frameOf(opClose, data[:min(2, len(data))]))
	c.finish()
	return nil
}

// mayClose reports whether a close frame may have that code: RFC 6455, section 7.4.
func mayClose(code int) bool {
	return code >= 3000 && code < 5000 || code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006
}

// receive checks a message and has it answered.
func (c *conn) receive(kind byte, text []byte) *websocket.CloseError {
	switch {
	case kind != opText:
		return fault(websocket.CloseUnsupportedData, "text messages only")
	case !utf8.Valid(text):
		return fault(websocket.CloseInvalidFramePayloadData, "invalid UTF-8")
	case !c.in.messages.Allow():
		return fault(websocket.ClosePolicyViolation, "too many messages")
	}
	req, ok := parseRequest(text)
	if !ok {
		return c.strike()
	}
	c.answer(req)
	return nil
}

// strike counts a message that makes no sense.
func (c *conn) strike() *websocket.CloseError {
	now := time.Now()
	old := func(t time.Time) bool { return now.Sub(t) >= time.Minute }
	c.in.strikes = append(slices.DeleteFunc(c.in.strikes, old), now)
	if len(c.in.strikes) > c.hub.limits.Strikes {
		return fault(websocket.ClosePolicyViolation, "too many malformed messages")
	}
	return nil
}
