package hub

import (
	"maps"
	"math"
	"net/http"
	"net/netip"
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"golang.org/x/time/rate"
)

// gate lets clients in, as many and as fast as the limits allow.
type gate struct {
	limits Limits
	pace   *rate.Limiter

	mu      sync.Mutex
	open    int
	clients map[netip.Prefix]*client
}

// client is what is known of one address while it is connected or has just been.
type client struct {
	open int
	pace *rate.Limiter
}

func newGate(l Limits) *gate {
	pace := rate.NewLimiter(rate.Limit(l.Handshakes), l.Handshakes)
	return &gate{limits: l, pace: pace, clients: map[netip.Prefix]*client{}}
}

// admit counts a connection in, or returns the status to refuse it with.
func (g *gate) admit(from netip.Prefix) (status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.client(from)
	switch {
	case g.open >= g.limits.Connections:
		return http.StatusServiceUnavailable
	case from.IsValid() && (c.open >= g.limits.PerClient || !c.pace.Allow()):
		return http.StatusTooManyRequests
	case !g.pace.Allow() || crowded(): // asked last: what one client is refused takes nothing from the others
		return http.StatusServiceUnavailable
	}
	c.open++
	g.open++
	return 0
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

// leave counts a connection out.
func (g *gate) leave(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if c := g.clients[from]; c != nil {
		c.open--
	}
}

// client returns what is known of an address; g.mu is held. Now and then it forgets
// those that are as if they had never come.
func (g *gate) client(from netip.Prefix) *client {
	c := g.clients[from]
	if c == nil {
		if len(g.clients) > 2*g.open+1000 {
			maps.DeleteFunc(g.clients, func(_ netip.Prefix, c *client) bool {
				return c.open == 0 && c.pace.Tokens() >= float64(c.pace.Burst())
			})
		}
		n := g.limits.HandshakesPerClient
		c = &client{pace: rate.NewLimiter(rate.Limit(n), n*5/2)}
		g.clients[from] = c
	}
	return c
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
