package hub

import (
	"time"

	"github.com/gorilla/websocket"
)

// The life of a connection. The state only ever moves to the right.
//
//	        sealOutput           closeWrite              client's end: destroy
//	  open ────────────▶ closing ────────────▶ halfClosed ────────────────────▶ closed
//	   │                    │                       │                             ▲
//	   └────────────────────┴───────────────────────┴────────── destroy ──────────┘
//
//	open        Events and replies are written.
//	closing     The output is sealed: a close frame, or the end of a stream, is the
//	            last thing in out. It has closeWait to be written.
//	halfClosed  Everything is written, and a FIN, over TLS an alert, tells the client so.
//	            The connection waits for the client's end.
//	closed      The socket is closed, and the connection is not counted any more.
//
// These call sealOutput:
//
//	closeLocked    For fail: the client has sent what it may not, or handling it has
//	               panicked. For drain and serve: the hub stops. For heartbeat: expires has
//	               passed, as a WebSocket's client is silent, or a stream or a long poll has
//	               lasted its time.
//	handleClose    The client has sent its close frame.
//	onPeerClosed   The client sends nothing more.
//	commitBatch    A long poll has its events.
//
// These call destroy at once, in whatever state the connection is:
//
//	flush, writeBlocking  The write fails.
//	dropSlow              The client is a slow consumer.
//	heartbeat             deadline has passed: a message is incomplete for too long, or
//	                      closeWait is over.
//	onWriteClosed         CloseWrite has failed, so the client won't learn of the end.
//	onPeerClosed          On the poller: a socket that is at its end is always readable.
//	discard               The client goes on sending after its end was decided.
//
// peerClosed is the other direction: handleClose or onPeerClosed was called. A
// halfClosed connection whose peer has closed is destroyed at once. Closing the socket
// while bytes of the client are unread would reset the connection, and the client would
// lose the close frame that is on its way. So the connection goes on reading. After fail
// or handleClose it discards what arrives. Otherwise a WebSocket still parses frames,
// because one of them is the client's close frame, but sends no replies.
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
		if c.state == open { // appendOutput may have dropped the connection, and then has counted it
			c.hub.stats.countClosed(code)
		}
	}
	c.sealAndFlush()
}

// sealAndFlush ends the connection once the pending output is written.
func (c *conn) sealAndFlush() {
	c.sealOutput()
	c.flush()
}

// sealOutput stops further output and starts closeWait. Once flush has written what is
// pending, it calls closeWrite.
func (c *conn) sealOutput() {
	if c.state == open {
		c.state, c.deadline = closing, time.Now().Add(closeWait)
	}
}

// closeWrite sends a FIN after the last byte, or over TLS the alert that stands for it.
func (c *conn) closeWrite() {
	if c.fd >= 0 {
		c.onWriteClosed(shutdownFD(c.fd) == nil)
		return
	}
	c.writePending, c.lastWrite = true, time.Now()
	c.hub.work.Go(c.closeWriteBlocking)
}

// onWriteClosed records that our side is closed. It destroys the connection now if the
// client has closed too, or if the FIN could not be sent; otherwise the connection waits
// for the client.
func (c *conn) onWriteClosed(finSent bool) {
	c.writePending, c.state = false, max(c.state, halfClosed)
	if c.peerClosed || !finSent {
		c.destroy()
	}
}

// onPeerClosed is called when the client sends nothing more: at its FIN, at an error of
// reading, and at any byte from a stream's client, which has nothing to send. On the
// poller, only what the socket takes now is still written. Without the poller, all that
// is pending is written, which may take closeWait.
func (c *conn) onPeerClosed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peerClosed = true
	c.sealAndFlush()
	if c.net == nil || c.state == halfClosed {
		c.destroy()
	}
}

// dropSlow ends the connection of a slow consumer, without a close frame: it would wait
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

// destroy closes the socket and takes the connection out of the hub. If a write is
// pending, it resets the socket, which is full as a rule: the kernel would go on for
// minutes to send what it holds, in far more memory than the connection has.
func (c *conn) destroy() {
	if c.state == closed {
		return
	}
	c.state = closed
	if c.net == nil {
		c.hub.poller.remove(c.fd, c.writePending)
		c.fd = -1 // the kernel may give the number to another connection from here on
	} else {
		c.closeNet()
	}
	c.hub.forget(c)
}
