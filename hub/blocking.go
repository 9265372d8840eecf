package hub

import "net"

// A connection that the poller can't watch, such as one over TLS, has a goroutine that
// reads, and another one while something is written.

const readBuffer = 1 << 10 // bytes for each such connection: browsers send little

// readBlocking reads and handles what the client sends, until a read fails, as at the end of
// the connection.
func (c *conn) readBlocking() {
	for buf := make([]byte, readBuffer); ; {
		n, err := c.net.Read(buf)
		if n > 0 {
			c.onBytes(buf[:n])
		}
		if err != nil {
			c.onPeerClosed()
			return
		}
	}
}

// writeBlocking writes b and then continues with what is pending.
func (c *conn) writeBlocking(b []byte) {
	if _, err := c.net.Write(b); err == nil {
		c.onWritable()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.destroy()
}

// closeWriteBlocking half-closes the connection, if its type has CloseWrite. Over TLS this
// writes an alert, which can block.
func (c *conn) closeWriteBlocking() {
	half, ok := c.net.(interface{ CloseWrite() error })
	ok = ok && half.CloseWrite() == nil
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onWriteClosed(ok)
}

// closeNet closes the socket below the TLS layer, if there is one. Closing the TLS layer would
// first write an alert, and block while the socket is full. c.mu is held.
func (c *conn) closeNet() {
	socket := underlying(c.net)
	if tcp, ok := socket.(*net.TCPConn); ok && c.writePending {
		tcp.SetLinger(0) // a reset
	}
	socket.Close()
}

// underlying returns the connection below all layers of nc, such as TLS, or nc itself if it
// has none.
func underlying(nc net.Conn) net.Conn {
	for {
		layer, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nc
		}
		nc = layer.NetConn()
	}
}
