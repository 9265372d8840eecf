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

// gate lets clients in, as many and as fast as the limits allow.
type gate struct {
	limits Limits
	pace   *rate.Limiter

	// Guarded by mu.
	mu      sync.Mutex
	open    int // long polls included
	clients map[netip.Prefix]*client
	full    refusals // because of Limits.Connections
}

// client is what is known of one address while it is connected or has just been. Many
// people may share one. Those for whom it has no connection left follow by long polls,
// which have bounds of their own: pollShare times those of connections.
type client struct {
	open, polls    int
	pace, pollPace *rate.Limiter
	full           refusals // because of Limits.PerClient
}

const pollShare = 10

// verdict is what the gate says of a request.
type verdict struct {
	status  int    // to refuse it with; 0 to let it in
	limited bool   // the address has as many connections as it may
	limit   string // the field of Limits that refuses it, if the operator is to be told
	refused int    // requests that it has refused since the operator was last told
}

// refusals counts what a limit refuses, between two lines of the log.
type refusals struct {
	count int
	told  time.Time
}

const tellEvery = time.Minute

// add counts a refusal. It returns the count if the operator is to be told now, or 0.
func (r *refusals) add(now time.Time) int {
	r.count++
	if now.Sub(r.told) < tellEvery {
		return 0
	}
	count := r.count
	*r = refusals{told: now}
	return count
}

func newGate(l Limits) *gate {
	pace := rate.NewLimiter(rate.Limit(l.Handshakes), l.Handshakes)
	return &gate{limits: l, pace: pace, clients: map[netip.Prefix]*client{}}
}

// admit counts a connection or a long poll in, or refuses it.
func (g *gate) admit(from netip.Prefix, poll bool) verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, now := g.client(from), time.Now()
	v := verdict{limited: from.IsValid() && c.open >= g.limits.PerClient}
	switch {
	case g.open >= g.limits.Connections:
		v.status, v.limit, v.refused = http.StatusServiceUnavailable, "Connections", g.full.add(now)
	case v.limited && !poll:
		v.status, v.limit, v.refused = http.StatusTooManyRequests, "PerClient", c.full.add(now)
	case from.IsValid() && !c.allow(g.limits, poll):
		v.status = http.StatusTooManyRequests
	case !g.pace.Allow() || crowded(): // asked last: what one client is refused takes nothing from the others
		v.status = http.StatusServiceUnavailable
	default:
		g.count(c, poll, 1)
	}
	return v
}

// allow reports whether the address may have one more, and so soon.
func (c *client) allow(l Limits, poll bool) bool {
	if poll {
		return c.polls < pollShare*l.PerClient && c.pollPace.Allow()
	}
	return c.pace.Allow()
}

// count adds n to what is open; g.mu is held.
func (g *gate) count(c *client, poll bool, n int) {
	g.open += n
	if poll {
		c.polls += n
	} else {
		c.open += n
	}
}

// crowded reports whether what lives in memory, by the newest collection, is over nine
// tenths of what the runtime is to keep to: those who are there are served before others.
func crowded() bool {
	limit := debug.SetMemoryLimit(-1) // which only asks
	if limit == math.MaxInt64 {
		return false
	}
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64()+samples[1].Value.Uint64() > uint64(limit)/10*9
}

// leave counts a connection or a long poll out.
func (g *gate) leave(from netip.Prefix, poll bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count(g.client(from), poll, -1)
}

// client returns what is known of an address; g.mu is held. Now and then it forgets
// those that are as if they had never come.
func (g *gate) client(from netip.Prefix) *client {
	c := g.clients[from]
	if c == nil {
		if len(g.clients) > 2*g.open+1000 {
			maps.DeleteFunc(g.clients, func(_ netip.Prefix, c *client) bool { return c.isIdle() })
		}
		n := g.limits.HandshakesPerClient
		c = &client{pace: perSecond(n), pollPace: perSecond(pollShare * n)}
		g.clients[from] = c
	}
	return c
}

// perSecond is the limit of one address: n a second, and 2.5 times that as a burst.
func perSecond(n int) *rate.Limiter { return rate.NewLimiter(rate.Limit(n), n*5/2) }

// isIdle reports whether the address is as if it had never come.
func (c *client) isIdle() bool {
	full := func(l *rate.Limiter) bool { return l.Tokens() >= float64(l.Burst()) }
	return c.open+c.polls == 0 && full(c.pace) && full(c.pollPace)
}

// clientOf returns the network that one client may be taken to have: its address,
// or the /64 that IPv6 gives to a subscriber. It is not valid for what has no
// address, such as a Unix socket, where a proxy is in front.
func clientOf(remote string) netip.Prefix {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := addr.Addr().Unmap()
	prefix, _ := ip.Prefix(min(ip.BitLen(), 64))
	return prefix
}
