package hub

import (
	"bytes"
	"net"
	"time"
)

const readBuffer = 1 << 10 // bytes, for a client that has a goroutine: browsers say little

// What the poller can't watch, such as TLS, has goroutines that wait in its stead: one
// that reads, and while something is written one for that.

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

// write has the socket take what it can without waiting. What has to be waited for
// is a part at a time, as only a write that ends shows that the client takes something.
func (c *conn) write(b []byte) (n int, err error) {
	if c.fd >= 0 {
		return writeFD(c.fd, b)
	}
	b = bytes.Clone(b[:min(len(b), waitWrite)])
	c.hub.work.Go(func() {
		if _, err := c.net.Write(b); err != nil {
			c.end()
		} else {
			c.writable()
		}
	})
	return len(b), nil
}

// shut tells the client that nothing follows; c.mu is held.
func (c *conn) shut() {
	if c.net == nil {
		c.hangUp(shutFD(c.fd) == nil)
		return
	}
	c.busy, c.moved = true, time.Now()
	c.hub.work.Go(func() {
		half, ok := c.net.(interface{ CloseWrite() error })
		ok = ok && half.CloseWrite() == nil
		c.mu.Lock()
		defer c.mu.Unlock()
		c.hangUp(ok)
	})
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
