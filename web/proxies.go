package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies says which proxies may report the origin of a request in forwarding headers. The zero
// value trusts none.
type Proxies struct {
	Trusted []netip.Prefix // addresses of trusted proxies
	Router  bool           // every request comes through the platform's router, which has no fixed address
}

// resolved sets r.RemoteAddr to the visitor's address, and r.URL.Scheme to http or https,
// whichever the visitor's browser uses. It ignores the scheme in the request line. The handlers
// after it don't need to know about proxies. It also adds the visitor's network to the context, by
// which turns are shared out.
func (p Proxies) resolved(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, visitor, peer := *r.URL, peerOf(r), peerOf(r)
		trusted := p.Router || p.trusts(peer)
		if trusted {
			visitor = p.visitor(peer, r.Header)
		}
		resolved := r.WithContext(withClient(r.Context(), network(visitor)))
		resolved.URL = &target
		if trusted {
			resolved.RemoteAddr = net.JoinHostPort(visitor.String(), "0")
		}
		target.Scheme = "http"
		if r.TLS != nil || trusted && secure(r.Header.Values("X-Forwarded-Proto")) {
			target.Scheme = "https"
		}
		next.ServeHTTP(w, resolved)
	})
}

// visitor reads X-Forwarded-For from the right, where the trusted proxies append, and returns the
// first address that is not a trusted proxy's. The client could have invented the addresses to the
// left of that one. The header Forwarded (RFC 7239) is ignored: a proxy that doesn't write it
// passes on what the client sent.
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

// hopAddress parses an element of X-Forwarded-For. Some proxies, such as Azure's, append the port,
// and some write IPv6 addresses in brackets.
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

// peerOf returns the address of the other end of the connection. If it isn't an IP connection, the
// address is invalid, and therefore never trusted.
func peerOf(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap().WithZone("") // no prefix contains an address with a zone
}

// list returns the elements of a header, whose values are comma-separated lists. Empty elements
// are ignored (RFC 9110, section 5.6.1).
func list(values []string) []string {
	var all []string
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if element = strings.TrimSpace(element); element != "" {
			all = append(all, element)
		}
	}
	return all
}

// secure reports whether the browser uses TLS to the nearest proxy, which added the last element
// of X-Forwarded-Proto. For a WebSocket, Traefik writes wss instead of https.
func secure(protos []string) bool {
	all := list(protos)
	if len(all) == 0 {
		return false
	}
	last := strings.ToLower(all[len(all)-1])
	return last == "https" || last == "wss"
}
