package hub

import (
	"maps"
	"math"
	"net/http"
	"net/netip"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// gate admits clients, as many and as fast as the limits allow.
type gate struct {
	// Set by newGate, never changed.
	limits  Limits
	limit   string        // the field of Limits that bounds the connections of all clients
	pace    *rate.Limiter // for the handshakes of all clients
	isShort func() bool   // reports whether memory is too short for more connections

	mu sync.Mutex

	// Guarded by mu.
	open    int // long polls included
	clients map[netip.Prefix]*client
	full    refusals // because of limit
}

// client counts the connections and the long polls of one address. Many people can share an
// address. Once it has as many connections as Limits.PerClient allows, its further clients
// follow by long polls. The limits on long polls are pollShare times those on connections. The
// fields are guarded by the gate's mu.
type client struct {
	open, polls                int
	pace, pollPace, filterPace *rate.Limiter
	full                       refusals // because of Limits.PerClient
}

const pollShare = 10

// verdict is the gate's decision about a request.
type verdict struct {
	status   int    // of the refusal; 0 if admitted
	draining bool   // the hub drains
	limited  bool   // the address has as many connections as Limits.PerClient allows
	limit    string // the field of Limits that is reached, if its refusals are logged
	refused  int    // how many refusals by limit to log now; 0 if they were logged within logEvery
}

// refusals counts the requests that a limit has refused since the count was last logged.
type refusals struct {
	count  int
	logged time.Time
}

const logEvery = time.Minute

// add counts a refusal. It returns the count if it is time to log it, or 0.
func (r *refusals) add(now time.Time) int {
	r.count++
	if now.Sub(r.logged) < logEvery {
		return 0
	}
	count := r.count
	*r = refusals{logged: now}
	return count
}

func newGate(l Limits) *gate {
	pace := rate.NewLimiter(rate.Limit(l.Handshakes), l.Handshakes)
	return &gate{limits: l, limit: "Connections", pace: pace, isShort: memoryShort, clients: map[netip.Prefix]*client{}}
}

// newPrivateGate makes the gate of the clients that may follow a private channel. However many others
// there are, also from the same address, these clients are admitted. They are few.
func newPrivateGate(l Limits) *gate {
	l.Connections, l.PerClient = l.Private, l.Private+1 // one address can have all of them
	g := newGate(l)
	g.limit, g.isShort = "Private", func() bool { return false }
	return g
}

// admit counts a connection or a long poll, or refuses it.
func (g *gate) admit(from netip.Prefix, poll bool) verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, now := g.client(from), time.Now()
	v := verdict{limited: from.IsValid() && c.open >= g.limits.PerClient}
	switch {
	case g.open >= g.limits.Connections:
		v.status, v.limit, v.refused = http.StatusServiceUnavailable, g.limit, g.full.add(now)
	case v.limited && !poll:
		v.status, v.limit, v.refused = http.StatusTooManyRequests, "PerClient", c.full.add(now)
	case from.IsValid() && !c.allow(g.limits, poll):
		v.status = http.StatusTooManyRequests
	case !g.pace.Allow() || g.isShort(): // checked last, so that a refused client uses up no handshake of the others
		v.status = http.StatusServiceUnavailable
	default:
		g.count(c, poll, 1)
	}
	return v
}

// allow reports whether the limits on polls and on handshakes admit one more.
func (c *client) allow(l Limits, poll bool) bool {
	if poll {
		return c.polls < pollShare*l.PerClient && c.pollPace.Allow()
	}
	return c.pace.Allow()
}

// allowFilter reports whether the address can introduce one more filter now.
func (g *gate) allowFilter(from netip.Prefix) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.client(from).filterPace.Allow()
}

// count adds n to the open connections or polls. g.mu is held.
func (g *gate) count(c *client, poll bool, n int) {
	g.open += n
	if poll {
		c.polls += n
	} else {
		c.open += n
	}
}

// memoryShort reports whether the stacks, and the heap that survived the last garbage
// collection, take over nine tenths of the runtime's memory limit. New connections are then
// refused, so that there is enough memory for the open ones.
func memoryShort() bool {
	limit := debug.SetMemoryLimit(-1) // a negative limit only reads it
	if limit == math.MaxInt64 {
		return false
	}
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64()+samples[1].Value.Uint64() > uint64(limit)/10*9
}

// leave stops counting a connection or a long poll.
func (g *gate) leave(from netip.Prefix, poll bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count(g.client(from), poll, -1)
}

// client returns the counts of an address, new ones if there are none. When there are far more
// counts than connections, it first deletes those of idle addresses. g.mu is held.
func (g *gate) client(from netip.Prefix) *client {
	c := g.clients[from]
	if c == nil {
		if len(g.clients) > 2*g.open+1000 {
			maps.DeleteFunc(g.clients, func(_ netip.Prefix, c *client) bool { return c.isIdle() })
		}
		n, filters := g.limits.HandshakesPerClient, g.limits.Filters
		c = &client{
			pace: perSecond(n), pollPace: perSecond(pollShare * n),
			filterPace: rate.NewLimiter(rate.Limit(filters)/filterPace, filtersOf(filters)),
		}
		g.clients[from] = c
	}
	return c
}

// perSecond makes the limiter of one address: n a second, and 2.5 times that as a burst.
func perSecond(n int) *rate.Limiter { return rate.NewLimiter(rate.Limit(n), n*5/2) }

// isIdle reports whether the counts equal new ones, so that nothing is lost by deleting them.
func (c *client) isIdle() bool {
	full := func(l *rate.Limiter) bool { return l.Tokens() >= float64(l.Burst()) }
	return c.open+c.polls == 0 && full(c.pace) && full(c.pollPace) && full(c.filterPace)
}

// clientOf returns the network that counts as one client: an IPv4 address, or the /64 network
// of an IPv6 address, because a subscriber gets at least a whole /64. The result is invalid
// for a connection without an IP address, such as that of a proxy over a Unix socket.
func clientOf(remote string) netip.Prefix {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := addr.Addr().Unmap()
	prefix, _ := ip.Prefix(min(ip.BitLen(), 64))
	return prefix
}
