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
		h.leave(from)
		return
	}
	c := h.newConn(ws.NetConn(), from)
	hello := control{Data: map[string]string{"connection_id": newToken(10)}}
	c.queue(hello.encode(clientConnected))
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
	if !h.opts.CheckOrigin(r) {
		http.Error(w, "not from this origin", http.StatusForbidden)
		return from, false
	}
	h.mu.RLock() // drain waits for all who have entered
	defer h.mu.RUnlock()
	from = clientOf(r.RemoteAddr)
	status := http.StatusServiceUnavailable
	if !h.draining {
		status = h.gate.admit(from)
	}
	if status == 0 {
		h.open.Add(1)
		return from, true
	}
	h.stats.count(func(s *Stats) { s.Refused[status]++ })
	w.Header().Set("Retry-After", strconv.Itoa(5+rand.IntN(26))) // not all at the same moment again
	http.Error(w, "too many connections", status)
	return from, false
}

// leave counts a connection out.
func (h *Hub) leave(from netip.Prefix) {
	h.gate.leave(from)
	h.open.Done()
}

// newConn makes a connection of what was hijacked.
func (h *Hub) newConn(nc net.Conn, from netip.Prefix) *conn {
	serial, perSecond := h.serial.Add(1), rate.Limit(h.limits.Messages)
	c := &conn{
		hub: h, net: nc, fd: -1, from: from, serial: serial,
		shard: h.shards[serial%uint64(len(h.shards))],
		in: input{
			messages: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
			controls: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
		},
	}
	c.cursors = c.firstCursor[:0]
	c.noteActivity()
	return c
}

// serve has the connection served. If the hub has begun to drain since the client
// was let in, it is told so at once.
func (h *Hub) serve(c *conn) {
	if tcp, ok := underlying(c.net).(*net.TCPConn); ok {
		setUserTimeout(tcp, h.limits.Silent*2/3) // counted from what is sent next: to a quiet stream, a comment
		tcp.SetWriteBuffer(maxSendBuffer)
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	c.mu.Lock() // it is heard and written to from here on
	defer c.mu.Unlock()
	c.nextPing = time.Now().Add(c.pingInterval())
	h.stats.count(func(s *Stats) { s.Connections++ })
	c.shard.add(c)
	if !h.poller.add(c) {
		h.work.Go(c.readBlocking)
	}
	if c.flush(); h.draining {
		c.closeLocked(websocket.CloseServiceRestart, "restart")
	}
}

// forget takes out a connection that is over.
func (h *Hub) forget(c *conn) {
	c.shard.remove(c)
	h.stats.count(func(s *Stats) { s.Connections-- })
	h.leave(c.from)
}
