package hub

import (
	"time"

	"github.com/gorilla/websocket"
)

// The life of a connection. A state only ever goes to the right.
//
//	             sealOutput            closeWrite             destroy
//	  open ────────────────▶ closing ────────────▶ halfClosed ────────▶ closed
//	   │                        │                      │                  ▲
//	   │ write fails            │                      │                  │
//	   │ dropSlow               │ the same             │ deadline         │
//	   ▼ deadline               ▼                      ▼                  │
//	   └────────────────────────┴──────────────────────┴── destroy ───────┘
//
//	open        Events and replies are written.
//	closing     The output is sealed: a close frame, or the end of a stream, is the
//	            last thing in out. It has closeWait to be written.
//	halfClosed  Everything is written, and a TCP FIN has told the client so. The
//	            connection waits for the client's own end, and discards what comes.
//	closed      The socket is closed, and the connection is not counted any more.
//
// peerClosed is the other direction: the client has sent its close frame or its FIN. A
// halfClosed connection whose peer has closed is destroyed at once. Closing the socket
// while bytes of the client are unread would reset the connection, and the client would
// lose the close frame that is on its way.
//
// All methods of this file but close and onEOF need c.mu held.
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
	if c.state == open && c.form == socketForm {
		c.queue(closeFrame(code, reason))
		if c.state == open { // queue may have dropped the connection, which counts by itself
			c.hub.stats.countClosed(code)
		}
	}
	c.flushAndClose()
}

// flushAndClose ends the connection after the output that is waiting.
func (c *conn) flushAndClose() {
	c.sealOutput()
	c.flush()
}

// sealOutput lets no output follow what is waiting. The flush that empties it calls
// closeWrite.
func (c *conn) sealOutput() {
	if c.state == open {
		c.state, c.deadline = closing, time.Now().Add(closeWait)
	}
}

// closeWrite sends a FIN after the last byte.
func (c *conn) closeWrite() {
	if c.fd >= 0 {
		c.onWriteClosed(shutdownFD(c.fd) == nil)
		return
	}
	c.writePending, c.lastWrite = true, time.Now()
	c.hub.work.Go(c.closeWriteBlocking)
}

// onWriteClosed waits for the client's end, unless it has come already, or the client
// could not be told that the server's has.
func (c *conn) onWriteClosed(told bool) {
	c.writePending, c.state = false, max(c.state, halfClosed)
	if c.peerClosed || !told {
		c.destroy()
	}
}

// onEOF is called when the client sends nothing more. What is waiting is still written,
// unless the socket is full.
func (c *conn) onEOF() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peerClosed = true
	c.flushAndClose()
	if c.net == nil || c.state == halfClosed {
		c.destroy()
	}
}

// dropSlow ends the connection of a slow consumer. The socket is full, so there is no
// room to send the reason.
func (c *conn) dropSlow() {
	if c.state == closed {
		return
	}
	c.hub.stats.count(func(s *Stats) { s.Slow++ })
	if c.form == socketForm && c.state == open {
		c.hub.stats.countClosed(websocket.CloseTryAgainLater)
	}
	c.destroy()
}

// destroy closes the socket and takes the connection out of the hub. A socket that is
// full is reset: the kernel would go on for minutes to send what it holds, in far more
// memory than the connection has.
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
