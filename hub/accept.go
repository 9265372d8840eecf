package hub

import (
	"cmp"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// ServeHTTP does the WebSocket handshake and returns. From then on the connection uses no
// goroutine, buffer or timeout of the HTTP server.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !acceptHandshake(w, r) {
		return
	}
	pass := h.passOf(r)
	from, ok := h.admitRequest(w, r, pass, false)
	if !ok {
		return
	}
	ws, err := h.upgrader.Upgrade(hijacker{w}, r, nil)
	if err != nil {
		h.opts.Log.Debug("handshake refused", "err", err) // Upgrade has answered the request
		h.leave(from, pass, false)
		return
	}
	c := h.newConn(ws.NetConn(), from)
	c.pass = pass
	hello := control{Data: map[string]string{"connection_id": newToken(10)}}
	c.appendOutput(hello.encode(clientConnected))
	h.serve(c)
}

// limitedHeader is a header of the responses to long polls. Its value is "address" if the
// client's address has as many connections as Limits.PerClient allows. A page's script learns
// of the limit this way, because it can't read the status of a WebSocket that was refused.
const limitedHeader = "Nagare-Limited"

// admitRequest counts a connection or a long poll, or answers the request with a refusal.
func (h *Hub) admitRequest(w http.ResponseWriter, r *http.Request, p *pass, poll bool) (from netip.Prefix, ok bool) {
	from = clientOf(r.RemoteAddr)
	return from, h.checkRequest(w, r, false) && h.enter(w, from, p, poll)
}

// checkRequest answers a request with a refusal if it has a body, because nothing reads the body:
// its bytes would be taken for what the client sends on the new connection. It also refuses the
// page of an origin that may not connect, unless anyOrigin is set.
func (h *Hub) checkRequest(w http.ResponseWriter, r *http.Request, anyOrigin bool) bool {
	switch {
	case r.ContentLength != 0:
		w.Header().Set("Connection", "close")
		http.Error(w, "want no body", http.StatusBadRequest)
	case !anyOrigin && !h.opts.CheckOrigin(r):
		http.Error(w, "not from this origin", http.StatusForbidden)
	default:
		return true
	}
	return false
}

// enter counts a connection or a long poll of a client, or answers its request with a refusal.
func (h *Hub) enter(w http.ResponseWriter, from netip.Prefix, p *pass, poll bool) bool {
	v := h.admit(from, p, poll)
	if v.limited {
		w.Header().Set(limitedHeader, "address")
	}
	if v.status == 0 {
		return true
	}
	h.report(from, v)
	h.stats.count(func(s *Stats) { s.Refused[v.status]++ })
	if retryLater(w); v.draining {
		w.Header().Set("Retry-After", strconv.Itoa(1+rand.IntN(3))) // another process takes over, or is about to start
	}
	http.Error(w, "too many connections", v.status)
	return false
}

// retryLater tells the client of a refused request when to try again, with jitter.
func retryLater(w http.ResponseWriter) { w.Header().Set("Retry-After", strconv.Itoa(5+rand.IntN(26))) }

// gateOf returns the gate that admits and counts a client.
func (h *Hub) gateOf(p *pass) *gate {
	if p != nil {
		return h.reserved
	}
	return h.gate
}

// admit asks the gate, unless the hub drains. It holds h.mu, so that drain waits for every
// connection that was admitted before draining was set, and none is admitted afterwards.
func (h *Hub) admit(from netip.Prefix, p *pass, poll bool) verdict {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.draining {
		return verdict{status: http.StatusServiceUnavailable, draining: true}
	}
	v := h.gateOf(p).admit(from, poll)
	if v.status == 0 {
		h.open.Add(1)
	}
	return v
}

// report logs refusals at most once a minute: those by Limits.Connections or Limits.Private for the whole
// hub, those by Limits.PerClient for each address.
func (h *Hub) report(from netip.Prefix, v verdict) {
	if v.refused == 0 {
		return
	}
	setting := cmp.Or(h.opts.Settings[v.limit], "Limits."+v.limit)
	if v.limit != "PerClient" {
		h.opts.Log.Warn("connections refused, the hub has as many as it may",
			"limit", map[string]int{"Connections": h.limits.Connections, "Private": h.limits.Private}[v.limit], "setting", setting, "refused", v.refused)
		return
	}
	h.opts.Log.Warn("connections refused, the address has as many as it may",
		"address", from.String(), "limit", h.limits.PerClient, "setting", setting, "refused", v.refused)
}

// leave stops counting a connection or a long poll.
func (h *Hub) leave(from netip.Prefix, p *pass, poll bool) {
	h.gateOf(p).leave(from, poll)
	h.open.Done()
}

// hijack takes the connection of an admitted request over from the HTTP server. It answers the
// request if that is not possible.
func (h *Hub) hijack(w http.ResponseWriter, from netip.Prefix, p *pass, poll bool) (c *conn, ok bool) {
	nc, _, err := hijacker{w}.Hijack()
	if err != nil {
		h.leave(from, p, poll)
		if err != errEarly { // Hijack has answered in that case
			http.Error(w, "streams need HTTP/1.1", http.StatusHTTPVersionNotSupported)
		}
		return nil, false
	}
	nc.SetDeadline(time.Time{}) // clears the deadlines of the HTTP server
	c = h.newConn(nc, from)
	c.pass = p
	return c, true
}

// newConn makes a conn of a hijacked connection. The conn is a WebSocket, unless begin or
// Hold makes it a stream or a long poll. Nothing is read or written before serve is called.
func (h *Hub) newConn(nc net.Conn, from netip.Prefix) *conn {
	serial, perSecond := h.serial.Add(1), rate.Limit(h.limits.Messages)
	c := &conn{
		hub:    h,
		shard:  h.shards[serial%uint64(len(h.shards))],
		serial: serial,
		from:   from,
		net:    nc,
		fd:     -1,
		slot:   -1,
		in: input{
			messages: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
			controls: *rate.NewLimiter(perSecond, 2*h.limits.Messages),
		},
	}
	c.cursors = c.firstCursor[:0]
	c.noteActivity()
	return c
}

// serve adds the connection to its shard and to the poller. If the hub has begun to drain
// since the request was admitted, it closes the connection.
func (h *Hub) serve(c *conn) {
	if tcp, ok := underlying(c.net).(*net.TCPConn); ok {
		setUserTimeout(tcp, h.limits.Silent*2/3) // counted from the next bytes sent: on a quiet stream, its heartbeat
		tcp.SetWriteBuffer(maxSendBuffer)
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	c.mu.Lock() // after shard.add, other goroutines use the connection
	defer c.mu.Unlock()
	c.nextPing = time.Now().Add(c.pingInterval())
	h.stats.count(func(s *Stats) { s.Connections++ })
	c.shard.add(c)
	if !h.poller.add(c) {
		h.work.Go(c.readBlocking)
	}
	c.flush()
	if h.draining {
		c.closeLocked(websocket.CloseServiceRestart, "restart")
	}
}

// forget removes a closed connection from its shard, and stops counting it.
func (h *Hub) forget(c *conn) {
	c.shard.remove(c)
	h.stats.count(func(s *Stats) { s.Connections-- })
	h.leave(c.from, c.pass, c.longPoll)
}
