package hub

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
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
	from, ok := h.enter(w, r)
	if !ok {
		return
	}
	s := &socket{}
	hijacked := &hijacker{ResponseWriter: w, socket: s}
	ws, err := h.upgrader.Upgrade(hijacked, r, nil)
	if err != nil {
		h.opts.Log.Debug("handshake refused", "err", err) // the client has its answer
		h.gate.leave(from)
		return
	}
	c := h.newConn(s.Conn, hijacked.buf, from)
	c.ws, s.conn = ws, c
	c.onControl()
	hello := control{Data: map[string]string{"connection_id": newToken(10)}}
	c.control = [][]byte{hello.encode(clientConnected)}
	h.serve(c)
}

// enter counts a connection in, or answers the request with why not.
func (h *Hub) enter(w http.ResponseWriter, r *http.Request) (from netip.Prefix, ok bool) {
	from = clientOf(r.RemoteAddr)
	status := http.StatusServiceUnavailable
	if !h.isDraining() {
		status = h.gate.admit(from)
	}
	if status == 0 {
		return from, true
	}
	h.stats.countRefused(status)
	w.Header().Set("Retry-After", strconv.Itoa(5+rand.IntN(26))) // not all at the same moment again
	http.Error(w, "too many connections", status)
	return from, false
}

func (h *Hub) isDraining() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.draining
}

// serve has the connection served. If the hub has begun to drain since the client
// was let in, it is told so at once.
func (h *Hub) serve(c *conn) {
	if h.add(c) {
		c.flush()
		return
	}
	c.net.SetWriteDeadline(time.Now().Add(handshakeWait))
	last := net.Buffers(c.control)
	if c.ws != nil {
		last = append(last, closeFrame(websocket.CloseServiceRestart, "restart"))
		h.stats.countClosed(websocket.CloseServiceRestart)
	}
	last.WriteTo(c.net)
	c.shut()
	h.gate.leave(c.from)
}

// newConn makes a connection of what was hijacked.
func (h *Hub) newConn(nc net.Conn, buf *bufio.Reader, from netip.Prefix) *conn {
	now := time.Now()
	serial, perSecond := h.next.Add(1), rate.Limit(h.limits.Messages)
	c := &conn{
		hub: h, buf: buf, net: nc, from: from, serial: serial,
		shard:    h.shards[serial%uint64(len(h.shards))],
		messages: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
		controls: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
		nextPing: now.Add(h.pingWait()),
	}
	c.raw, c.fd = rawConn(nc)
	if tcp := tcpOf(nc); tcp != nil {
		giveUpAfter(tcp, h.limits.Silent)
	}
	c.follows = c.only[:0]
	c.seen.Store(now.UnixNano())
	return c
}

// tcpOf returns the TCP connection that nc is, or that TLS stands on; nil if it is
// of another kind.
func tcpOf(nc net.Conn) *net.TCPConn {
	if over, ok := nc.(interface{ NetConn() net.Conn }); ok {
		nc = over.NetConn()
	}
	tcp, _ := nc.(*net.TCPConn)
	return tcp
}

// pingWait is the time to the next ping: not the same for all, so that they
// do not all fall into one moment after a restart.
func (h *Hub) pingWait() time.Duration { return h.limits.Ping*9/10 + rand.N(h.limits.Ping/5) }

// add takes the connection in, unless the hub is draining.
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
	switch {
	case c.poller == nil:
		c.wake()
	case !c.poller.watch(c):
		c.restart() // it would never be heard
	}
	return true
}

// pollerFor returns the poller, if there is one that can watch the connection, and
// has it know of it; h.mu is held.
func (h *Hub) pollerFor(c *conn) *poller {
	if c.raw == nil {
		return nil
	}
	if h.poller == nil {
		if h.poller = newPoller(); h.poller == nil {
			return nil
		}
		h.work.Go(func() { h.poller.run((*conn).wake) })
	}
	h.poller.add(c)
	return h.poller
}

// remove closes the connection once what was being written to it has gone, or
// can't go.
func (h *Hub) remove(c *conn) {
	c.mu.Lock()
	c.dead = c.dead || !c.closing
	dead := c.dead
	c.closing = true // from here on no writer begins
	c.mu.Unlock()
	if dead {
		c.shut()
	}
	c.writer.Wait()
	c.shut()
	if c.poller != nil {
		c.poller.remove(c)
	}
	c.shard.remove(c)
	h.gate.leave(c.from)
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

// Read ends a connection that says more than messages can be made of: fragments
// may be empty, and what comes after a close frame is not listened to.
func (s *socket) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if c := s.conn; c != nil {
		if c.heard += n; c.heard > 8*c.hub.limits.Message { // a message in fragments of one byte takes 7
			c.close(websocket.ClosePolicyViolation, "too many bytes")
			return 0, errTooBig
		}
	}
	return n, err
}

func (s *socket) Write(b []byte) (int, error) {
	if s.conn == nil {
		return s.Conn.Write(b)
	}
	if s.conn.sendLast(append([]byte(nil), b...)) {
		s.conn.hub.stats.countClosed(websocket.CloseProtocolError)
	}
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

var errEarly = errors.New("hub: the client spoke before the handshake was done")

const readBuffer = 257 // bytes; gorilla/websocket refuses 256

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if rw.Reader.Buffered() > 0 {
		c.Close()
		return nil, nil, errEarly
	}
	h.socket.Conn = c
	h.buf = bufio.NewReaderSize(h.socket, readBuffer)
	return h.socket, bufio.NewReadWriter(h.buf, rw.Writer), nil
}
