package hub

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// ServeHTTP makes a WebSocket connection of the request and returns, so that
// nothing of the HTTP server's stays with the connection.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "want a WebSocket upgrade", http.StatusUpgradeRequired)
		return
	}
	s := &socket{}
	hijacked := &hijacker{ResponseWriter: w, socket: s}
	ws, err := h.upgrader.Upgrade(hijacked, r, nil)
	if err != nil {
		h.opts.Log.Debug("handshake refused", "err", err) // the client has its answer
		return
	}
	c := h.newConn(ws, hijacked.buf, s.Conn)
	s.conn = c
	if !h.add(c) {
		c.net.Close()
		return
	}
	c.flush()
}

// newConn makes the connection with its greeting, which is the first thing it writes.
func (h *Hub) newConn(ws *websocket.Conn, buf *bufio.Reader, nc net.Conn) *conn {
	now := time.Now()
	serial := h.next.Add(1)
	c := &conn{
		hub: h, ws: ws, buf: buf, net: nc, raw: rawConn(nc), serial: serial,
		shard:    h.shards[serial%uint64(len(h.shards))],
		messages: *rate.NewLimiter(perSecond, burst),
		controls: *rate.NewLimiter(perSecond, burst),
		nextPing: now.Add(pingWait()),
	}
	c.tryWrite = c.tryDrain
	c.onControl()
	c.seen.Store(now.UnixNano())
	hello := control{Data: map[string]string{"connection_id": newToken(10)}}
	c.control = [][]byte{hello.encode(clientConnected)}
	return c
}

// pingWait is the time to the next ping: not the same for all, so that they
// do not all fall into one moment after a restart.
func pingWait() time.Duration { return pingEvery*9/10 + rand.N(pingEvery/5) }

// add has the connection served, unless the hub is draining.
func (h *Hub) add(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return false
	}
	h.stats.connections.Add(1)
	h.open.Add(1)
	c.poller = h.pollerFor(c)
	c.shard.add(c)
	if c.poller != nil {
		c.poller.add(c)
	} else {
		c.wake()
	}
	return true
}

// pollerFor returns the poller, if it can watch the connection; h.mu is held.
func (h *Hub) pollerFor(c *conn) *poller {
	if c.raw != nil && h.poller == nil {
		if h.poller = newPoller(); h.poller != nil {
			h.work.Go(func() { h.poller.run((*conn).wake) })
		}
	}
	if c.raw == nil {
		return nil
	}
	return h.poller
}

// remove closes the connection once what was being written to it has gone, or
// can't go.
func (h *Hub) remove(c *conn) {
	c.mu.Lock()
	if !c.closing {
		c.dead = true
		c.net.Close()
	}
	c.closing = true // from here on no writer begins
	c.mu.Unlock()
	c.writer.Wait()
	c.net.Close()
	if c.poller != nil {
		c.poller.remove(c)
	}
	c.shard.remove(c)
	h.open.Done()
	h.stats.connections.Add(-1)
}

// socket stands between gorilla/websocket and the network. What the library says
// by itself after the handshake, which is why it ends a connection that breaks
// RFC 6455, takes its turn with the rest: it can't land inside a frame that is
// half written.
type socket struct {
	net.Conn
	conn *conn // nil until the handshake is done
}

func (s *socket) Write(b []byte) (int, error) {
	if s.conn == nil {
		return s.Conn.Write(b)
	}
	s.conn.sendLast(append([]byte(nil), b...))
	return len(b), nil
}

// SetWriteDeadline is the writer's business once there is one.
func (s *socket) SetWriteDeadline(t time.Time) error {
	if s.conn == nil {
		return s.Conn.SetWriteDeadline(t)
	}
	return nil
}

// hijacker has the library take a socket for the connection, and a buffer that
// is ours: the least that it accepts, as a browser says little.
type hijacker struct {
	http.ResponseWriter
	socket *socket
	buf    *bufio.Reader
}

const readBuffer = 257 // bytes; gorilla/websocket refuses 256

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if rw.Reader.Buffered() > 0 {
		c.Close()
		return nil, nil, errors.New("hub: the client spoke before the handshake was done")
	}
	h.socket.Conn = c
	h.buf = bufio.NewReaderSize(h.socket, readBuffer)
	return h.socket, bufio.NewReadWriter(h.buf, rw.Writer), nil
}
