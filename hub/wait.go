package hub

import "net"

// What the poller can't watch, such as TLS, has goroutines that wait in its stead: one
// that reads, and one while something is written.

const readBuffer = 1 << 10 // bytes, for a client that has a goroutine: browsers say little

// readWaiting hears what the client says until it says nothing more.
func (c *conn) readWaiting() {
	for buf := make([]byte, readBuffer); ; {
		n, err := c.net.Read(buf)
		if n > 0 {
			c.hear(buf[:n])
		}
		if err != nil {
			c.gone()
			return
		}
	}
}

func (c *conn) writeWaiting(b []byte) {
	if _, err := c.net.Write(b); err != nil {
		c.end()
		return
	}
	c.writable()
}

// shutWaiting tells the client that nothing follows, if there is a way to.
func (c *conn) shutWaiting() {
	half, ok := c.net.(interface{ CloseWrite() error })
	ok = ok && half.CloseWrite() == nil
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hangUp(ok)
}

// closeNet closes what is underneath: TLS would say goodbye first, and wait.
func (c *conn) closeNet() {
	socket := inner(c.net)
	if tcp, ok := socket.(*net.TCPConn); ok && c.busy {
		tcp.SetLinger(0)
	}
	socket.Close()
}

// inner returns the connection that nc stands on, as TLS does on one of TCP; nc, if it
// stands on none.
func inner(nc net.Conn) net.Conn {
	for {
		over, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nc
		}
		nc = over.NetConn()
	}
}
