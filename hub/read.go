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

// input is what has arrived of an incomplete message, and the limits on what the client sends.
// Only the goroutine that reads uses it.
type input struct {
	partial    []byte // the bytes of an incomplete frame
	message    []byte // the payloads of a message whose final fragment hasn't arrived
	opcode     byte   // of that message's first frame; 0 if there is no such message
	discarding bool   // after fail or handleClose: everything that arrives is ignored
	unused     int    // bytes in frames since the last complete message or accepted control frame; if discarding, all bytes since

	messages, controls rate.Limiter
	malformed          []time.Time // when the malformed messages of the last minute arrived
}

// maxDiscarded is how many bytes are read from a client that is being disconnected. Closing
// the socket while bytes are unread would reset the connection, and the client would not see
// the reason.
const maxDiscarded = 64 << 10

// onBytes handles bytes from the client. They can begin and end anywhere within a frame.
func (c *conn) onBytes(b []byte) {
	defer c.recoverPanic()
	switch in := &c.in; {
	case c.form != webSocketForm: // a stream's client has nothing to send
		c.onPeerClosed()
	case in.discarding:
		c.discard(len(b))
	case len(in.partial) > 0:
		c.parseFrames(append(in.partial, b...))
	default:
		c.parseFrames(b)
	}
}

// discard counts bytes that arrive after fail or handleClose. After too many, it closes the
// socket, even though the client may then lose the close frame.
func (c *conn) discard(n int) {
	c.in.unused += n
	if c.in.unused <= maxDiscarded {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.destroy()
}

// parseFrames handles all complete frames in b and keeps the incomplete one.
func (c *conn) parseFrames(b []byte) {
	in := &c.in
	ended := false // a message was completed: the time limit of the next one starts anew
	for !in.discarding {
		f, size, err := parseFrame(b, c.hub.limits.Message)
		if size > 0 {
			err = c.handleFrame(f, size)
			ended = ended || in.opcode == 0
		}
		c.fail(err)
		b = b[size:]
		if size == 0 {
			break
		}
	}
	in.partial = append(in.partial[:0], b...)
	if len(b) == 0 || in.discarding {
		in.partial = nil // an idle connection holds no buffer
	}
	c.limitMessageTime(in.partial != nil || in.opcode != 0, ended)
}

// fail ends the connection with a close frame if err is not nil.
func (c *conn) fail(err *websocket.CloseError) {
	if err == nil {
		return
	}
	c.in.discarding, c.in.unused = true, 0
	c.close(err.Code, err.Text)
}

// limitMessageTime sets the deadline by which an incomplete message must be complete, counted
// from its first byte. The message is new if an earlier one has just ended.
func (c *conn) limitMessageTime(incomplete, isNew bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state != open:
	case !incomplete:
		c.deadline = time.Time{}
	case isNew || c.deadline.IsZero():
		c.deadline = time.Now().Add(c.hub.limits.Fragment)
	}
}

// recoverPanic ends only this connection. Otherwise a panic over one client's message would
// end the process, with the connections of all clients.
func (c *conn) recoverPanic() {
	if p := recover(); p != nil {
		c.hub.opts.Log.Error("panic while handling a client's message, closing its connection",
			"conn", c.serial, "err", p, "stack", string(debug.Stack()))
		c.fail(closeError(websocket.CloseInternalServerErr, "internal error"))
	}
}

// handleFrame handles a frame that took size bytes. It returns the error with which to close
// the connection, or nil.
func (c *conn) handleFrame(f frame, size int) *websocket.CloseError {
	in := &c.in
	c.noteActivity()
	in.unused += size
	switch {
	case f.opcode == opClose:
		return c.handleClose(f.payload)
	case f.opcode < opClose:
		return c.assemble(f)
	case !in.controls.Allow():
		return closeError(websocket.ClosePolicyViolation, "too many control frames")
	}
	in.unused = 0
	if f.opcode == opPing {
		c.send(frameOf(opPong, f.payload))
	}
	return nil
}

// handleClose answers the client's close frame with the same code. If the hub has already sent
// a close frame, the client's is the answer to it, and the connection is destroyed.
func (c *conn) handleClose(payload []byte) *websocket.CloseError {
	if !validClose(payload) {
		return protocolError("bad close frame")
	}
	c.in.discarding, c.in.unused = true, 0
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peerClosed = true
	if c.state == halfClosed {
		c.destroy()
		return nil
	}
	c.appendOutput(frameOf(opClose, payload[:min(2, len(payload))]))
	c.sealAndFlush()
	return nil
}

// assemble joins the fragments of a message.
func (c *conn) assemble(f frame) *websocket.CloseError {
	in := &c.in
	switch {
	case (f.opcode == opContinuation) != (in.opcode != 0):
		return protocolError("fragments out of order")
	case len(in.message)+len(f.payload) > c.hub.limits.Message:
		return closeError(websocket.CloseMessageTooBig, "message too big")
	case in.unused > 8*c.hub.limits.Message: // a fragment of one byte takes seven, so valid messages stay below
		return closeError(websocket.ClosePolicyViolation, "too many bytes")
	case f.opcode != opContinuation:
		in.opcode = f.opcode
	}
	if !f.final {
		in.message = append(in.message, f.payload...)
		return nil
	}
	opcode, message := in.opcode, append(in.message, f.payload...)
	in.opcode, in.message, in.unused = 0, nil, 0
	return c.handleMessage(opcode, message)
}

// handleMessage checks a message and handles the request in it.
func (c *conn) handleMessage(opcode byte, text []byte) *websocket.CloseError {
	switch {
	case opcode != opText:
		return closeError(websocket.CloseUnsupportedData, "text messages only")
	case !utf8.Valid(text):
		return closeError(websocket.CloseInvalidFramePayloadData, "invalid UTF-8")
	case !c.in.messages.Allow():
		return closeError(websocket.ClosePolicyViolation, "too many messages")
	}
	req, ok := parseRequest(text)
	if !ok {
		return c.countMalformed()
	}
	c.handleRequest(req)
	return nil
}

// countMalformed counts a message that is not a request, and returns an error if there were
// too many in the last minute.
func (c *conn) countMalformed() *websocket.CloseError {
	now := time.Now()
	expired := func(t time.Time) bool { return now.Sub(t) >= time.Minute }
	c.in.malformed = append(slices.DeleteFunc(c.in.malformed, expired), now)
	if len(c.in.malformed) > c.hub.limits.Strikes {
		return closeError(websocket.ClosePolicyViolation, "too many malformed messages")
	}
	return nil
}

// validClose reports whether RFC 6455, sections 5.5.1 and 7.4, allows the payload in a
// close frame.
func validClose(payload []byte) bool {
	switch len(payload) {
	case 0:
		return true
	case 1:
		return false
	}
	code := binary.BigEndian.Uint16(payload)
	registered := code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006
	return (registered || code >= 3000 && code < 5000) && utf8.Valid(payload[2:])
}
