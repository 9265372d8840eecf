package hub

import (
	"time"

	"github.com/gorilla/websocket"
)

// The life of a connection. The state never moves to the left.
//
//	        sealOutput           closeWrite             client closes: destroy
//	  open ────────────▶ closing ────────────▶ halfClosed ────────────────────▶ closed
//	   │                    │                       │                             ▲
//	   └────────────────────┴───────────────────────┴────────── destroy ──────────┘
//
//	open        Events and replies are written.
//	closing     The output is sealed: nothing is added to it any more. What is pending,
//	            such as a close frame, must be written within closeWait.
//	halfClosed  The output is written, and a FIN was sent after it, or an alert over TLS.
//	            The connection waits until the client closes its side.
//	closed      The socket is closed, and the connection is not counted any more.
//
// These call sealOutput:
//
//	closeLocked    Called by fail: the client has broken a rule, or handling its message
//	               has panicked. Called by drain and serve: the hub stops. Called by
//	               heartbeat: expires has passed, because a WebSocket's client is silent,
//	               or the time of a stream or a long poll is over.
//	handleClose    The client has sent its close frame.
//	onPeerClosed   The client will send nothing more.
//	commitBatch    A long poll has been sent the events that it waited for.
//	gatherHeld     The log no longer holds the next event, or the response ends before it.
//
// These call destroy at once, in whatever state the connection is:
//
//	flush, writeBlocking  A write has failed.
//	dropSlow              The client is a slow consumer.
//	heartbeat             deadline has passed: a message has been incomplete for too long,
//	                      or closeWait is over.
//	onWriteClosed         Half-closing has failed, so the client won't learn of the end.
//	onPeerClosed          The poller watches the socket, and would report the client's FIN
//	                      again and again.
//	discard               The client has sent over maxDiscarded bytes after fail or
//	                      handleClose.
//
// The state is about the hub's side. peerClosed is about the client's side: handleClose or
// onPeerClosed was called. A halfClosed connection whose peer has closed is destroyed at
// once. Until the peer has closed, the connection goes on reading: closing the socket while
// bytes of the client are unread would reset the connection, and the client would lose the
// close frame that is on its way. After fail or handleClose the connection discards what
// arrives. Otherwise a WebSocket still parses frames, because one of them is the client's
// close frame, but sends no replies.
//
// All methods of this file but close and onPeerClosed need c.mu held.
type state uint8

const (
	open state = iota
	closing
	halfClosed
	closed
)

const closeWait = 5 * time.Second // from closing to closed, at most

// close ends the connection from the server's side, with a close code if the client is
// on a WebSocket.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked(code, reason)
}

// closeLocked is close with c.mu held. If the connection is closing already, the first
// reason stands.
func (c *conn) closeLocked(code int, reason string) {
	if c.state == open && c.form == webSocketForm {
		c.appendOutput(closeFrame(code, reason))
		if c.state == open { // otherwise appendOutput has dropped the connection, and counted it
			c.hub.stats.countClosed(code)
		}
	}
	if c.state == open && c.form == heldForm {
		c.appendOutput(c.held.End(c.heldAt(), false))
	}
	c.sealAndFlush()
}

// sealAndFlush ends the connection once the pending output is written.
func (c *conn) sealAndFlush() {
	c.sealOutput()
	c.flush()
}

// sealOutput stops further output and starts closeWait. Once flush has written the pending
// output, flush calls closeWrite.
func (c *conn) sealOutput() {
	if c.state == open {
		c.state, c.deadline = closing, time.Now().Add(closeWait)
	}
}

// closeWrite half-closes the connection: it sends a FIN after the last byte, or an alert over
// TLS.
func (c *conn) closeWrite() {
	if c.fd >= 0 {
		c.onWriteClosed(shutdownFD(c.fd) == nil)
		return
	}
	c.writePending, c.lastWrite = true, time.Now()
	c.hub.work.Go(c.closeWriteBlocking)
}

// onWriteClosed records that the hub's side is closed. It destroys the connection if the
// client has closed its side too, or if the FIN could not be sent. Otherwise the connection
// waits until the client closes its side.
func (c *conn) onWriteClosed(finSent bool) {
	c.writePending, c.state = false, max(c.state, halfClosed)
	if c.peerClosed || !finSent {
		c.destroy()
	}
}

// onPeerClosed is called when the client will send nothing more: at its FIN, or when a read
// fails. It is also called when a stream's client sends anything, which no such client needs
// to. With the poller, only as much of the pending output is written as the socket takes at
// once. Without the poller, all of it is written, within closeWait.
func (c *conn) onPeerClosed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peerClosed = true
	c.sealAndFlush()
	if c.net == nil || c.state == halfClosed {
		c.destroy()
	}
}

// dropSlow ends the connection of a slow consumer. It sends no close frame, which would wait
// behind output that the client doesn't read.
func (c *conn) dropSlow() {
	if c.state == closed {
		return
	}
	c.hub.stats.count(func(s *Stats) { s.Slow++ })
	if c.form == webSocketForm && c.state == open {
		c.hub.stats.countClosed(websocket.CloseTryAgainLater)
	}
	c.destroy()
}

// destroy closes the socket and removes the connection from the hub. If a write is pending,
// the socket is usually full, and destroy resets it. Otherwise the kernel would retry for
// minutes to send the socket's buffer, which takes far more memory than the connection.
func (c *conn) destroy() {
	if c.state == closed {
		return
	}
	c.state = closed
	if c.net == nil {
		c.hub.poller.remove(c.fd, c.writePending)
		c.fd = -1 // from now on the kernel can give this number to another connection
	} else {
		c.closeNet()
	}
	c.hub.forget(c)
}
