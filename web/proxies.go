package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies says whose word counts on where a request came from. By default nobody's.
type Proxies struct {
	Trusted []netip.Prefix // proxies by address
	Router  bool           // every request comes through a platform's router, whatever its address
}

// resolved puts the visitor's address into r.RemoteAddr, and into r.URL.Scheme the
// scheme that the visitor's browser speaks, http or https whatever the request line
// says, so that what follows needs to know nothing of proxies.
func (p Proxies) resolved(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resolved, target := *r, *r.URL
		resolved.URL = &target
		peer := peerOf(r)
		trusted := p.Router || p.trusts(peer)
		if trusted {
			resolved.RemoteAddr = net.JoinHostPort(p.visitor(peer, r.Header).String(), "0")
		}
		target.Scheme = "http"
		if r.TLS != nil || trusted && last(r.Header.Values("X-Forwarded-Proto")) == "https" {
			target.Scheme = "https"
		}
		next.ServeHTTP(w, &resolved)
	})
}

// visitor walks X-Forwarded-For from the right, where our own proxy wrote, and
// stops at the first address that is not one of ours. What stands left of it may
// be anybody's invention.
func (p Proxies) visitor(peer netip.Addr, header http.Header) netip.Addr {
	hops := list(header.Values("X-Forwarded-For"))
	at, trusted := peer, true
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(hop)
		if !trusted || err != nil {
			break
		}
		at = addr.Unmap()
		trusted = p.trusts(at)
	}
	return at
}

func (p Proxies) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(p.Trusted, func(prefix netip.Prefix) bool { return prefix.Contains(addr) })
}

// peerOf is the address at the other end of the connection; invalid, and so never
// trusted, if that is no IP connection.
func peerOf(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap()
}

// list joins the elements of a header that may be repeated.
func list(values []string) []string {
	var all []string
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		all = append(all, strings.TrimSpace(element))
	}
	return all
}

// last is the element that the nearest proxy added.
func last(values []string) string {
	all := list(values)
	return strings.ToLower(all[len(all)-1])
}
