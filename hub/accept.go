package hub

import (
	"cmp"
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
	from, ok := h.enter(w, r, false)
	if !ok {
		return
	}
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.opts.Log.Debug("handshake refused", "err", err) // the client has its answer
		h.leave(from, false)
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

// limitedHeader says "address" in a response to an address that has as many connections
// as it may. A script can't read the status of a WebSocket that was refused.
const limitedHeader = "Nagare-Limited"

// enter counts a connection or a long poll in, or answers the request with why not.
func (h *Hub) enter(w http.ResponseWriter, r *http.Request, poll bool) (from netip.Prefix, ok bool) {
	if !h.opts.CheckOrigin(r) {
		http.Error(w, "not from this origin", http.StatusForbidden)
		return from, false
	}
	from = clientOf(r.RemoteAddr)
	v := h.admit(from, poll)
	if v.limited {
		w.Header().Set(limitedHeader, "address")
	}
	if v.status == 0 {
		return from, true
	}
	h.report(from, v)
	h.stats.count(func(s *Stats) { s.Refused[v.status]++ })
	w.Header().Set("Retry-After", strconv.Itoa(5+rand.IntN(26))) // not all at the same moment again
	http.Error(w, "too many connections", v.status)
	return from, false
}

// admit asks the gate, unless the hub drains: drain waits for all that were admitted.
func (h *Hub) admit(from netip.Prefix, poll bool) verdict {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.draining {
		return verdict{status: http.StatusServiceUnavailable}
	}
	v := h.gate.admit(from, poll)
	if v.status == 0 {
		h.open.Add(1)
	}
	return v
}

// report logs what a limit refuses, once a minute for each address and once for all.
func (h *Hub) report(from netip.Prefix, v verdict) {
	if v.refused == 0 {
		return
	}
	setting := cmp.Or(h.opts.Settings[v.limit], "Limits."+v.limit)
	if v.limit == "Connections" {
		h.opts.Log.Warn("connections refused, the hub has as many as it may", "limit", h.limits.Connections, "setting", setting, "refused", v.refused)
		return
	}
	h.opts.Log.Warn("connections refused, the address has as many as it may", "address", from.String(),
		"limit", h.limits.PerClient, "setting", setting, "refused", v.refused)
}

// leave counts a connection or a long poll out.
func (h *Hub) leave(from netip.Prefix, poll bool) {
	h.gate.leave(from, poll)
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
	h.leave(c.from, c.longPoll)
}
