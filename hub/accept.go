package hub

import (
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
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
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.opts.Log.Debug("handshake refused", "err", err) // the client has its answer
		h.gate.leave(from)
		return
	}
	c := h.newConn(ws.NetConn(), from)
	hello := control{Data: map[string]string{"connection_id": newToken(10)}}
	c.control = [][]byte{hello.encode(clientConnected)}
	h.serve(c)
}

// sameHost also lets through what comes from no page: nothing here goes by cookies,
// so a tool that leaves the Origin out gains nothing.
func sameHost(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	return origin == "" || err == nil && strings.EqualFold(u.Host, r.Host)
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
	h.stats.count(func(s *Stats) { s.Refused[status]++ })
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
	if c.form == socketForm {
		last = append(last, closeFrame(websocket.CloseServiceRestart, "restart"))
		h.stats.countClosed(websocket.CloseServiceRestart)
	}
	last.WriteTo(c.net)
	c.net.Close()
	h.gate.leave(c.from)
}

// newConn makes a connection of what was hijacked.
func (h *Hub) newConn(nc net.Conn, from netip.Prefix) *conn {
	now := time.Now()
	serial, perSecond := h.serial.Add(1), rate.Limit(h.limits.Messages)
	c := &conn{
		hub: h, net: nc, fd: -1, from: from, serial: serial,
		shard:    h.shards[serial%uint64(len(h.shards))],
		nextPing: now.Add(h.pingWait()),
		in: input{
			messages: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
			controls: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
		},
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
	if tcp := tcpOf(c.net); tcp != nil {
		giveUpAfter(tcp, h.limits.Silent*2/3) // counted from what is sent next: to a quiet stream, a comment
	}
	c.mu.Lock() // it is heard and written to from here on
	defer c.mu.Unlock()
	h.stats.count(func(s *Stats) { s.Connections++ })
	h.open.Add(1)
	c.shard.add(c)
	if !h.poller.add(c) {
		h.work.Go(c.readWaiting)
	}
	return true
}

// forget counts out a connection that is over.
func (h *Hub) forget(c *conn) {
	c.shard.remove(c)
	h.gate.leave(c.from)
	h.stats.count(func(s *Stats) { s.Connections-- })
	h.open.Done()
}
