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
		if r.TLS != nil || trusted && secure(r.Header.Values("X-Forwarded-Proto")) {
			target.Scheme = "https"
		}
		next.ServeHTTP(w, &resolved)
	})
}

// visitor walks X-Forwarded-For from the right, where our own proxy wrote, and
// stops at the first address that is not one of ours. What stands left of it may
// be anybody's invention. So may all of Forwarded (RFC 7239): a proxy that doesn't
// write it passes on the client's.
func (p Proxies) visitor(peer netip.Addr, header http.Header) netip.Addr {
	hops := list(header.Values("X-Forwarded-For"))
	at, trusted := peer, true
	for _, hop := range slices.Backward(hops) {
		addr, err := hopAddress(hop)
		if !trusted || err != nil {
			break
		}
		at = addr
		trusted = p.trusts(at)
	}
	return at
}

// hopAddress reads an element of X-Forwarded-For. Some proxies, such as Azure's, add the
// port, and some write an IPv6 address in brackets.
func hopAddress(hop string) (netip.Addr, error) {
	if at, err := netip.ParseAddrPort(hop); err == nil {
		return at.Addr().Unmap().WithZone(""), nil
	}
	if inner, ok := strings.CutPrefix(hop, "["); ok {
		hop = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(hop)
	return addr.Unmap().WithZone(""), err
}

func (p Proxies) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(p.Trusted, func(prefix netip.Prefix) bool { return prefix.Contains(addr) })
}

// peerOf is the address at the other end of the connection; invalid, and so never
// trusted, if that is no IP connection.
func peerOf(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap().WithZone("") // no prefix contains an address with a zone
}

// list joins the elements of a header that may be repeated. Empty elements don't count
// (RFC 9110, section 5.6.1).
func list(values []string) []string {
	var all []string
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if element = strings.TrimSpace(element); element != "" {
			all = append(all, element)
		}
	}
	return all
}

// secure reports whether the nearest proxy, which added the last element, speaks TLS with
// the browser. Traefik writes wss instead of https for a WebSocket.
func secure(protos []string) bool {
	all := list(protos)
	if len(all) == 0 {
		return false
	}
	last := strings.ToLower(all[len(all)-1])
	return last == "https" || last == "wss"
}
