package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestProxies_OnlyTrustedProxiesSetTheAddressOfTheClient(t *testing.T) {
	none := Proxies{}
	ours := Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	router := Proxies{Router: true}
	for _, c := range []struct {
		name          string
		proxies       Proxies
		peer          string
		forwarded     []string
		proto         []string
		client, wants string
	}{
		{"nobody is trusted", none, "10.0.0.1:9", []string{"192.0.2.1"}, []string{"https"}, "10.0.0.1:9", "http"},
		{"a stranger says so", ours, "198.51.100.7:9", []string{"192.0.2.1"}, []string{"https"}, "198.51.100.7:9", "http"},
		{"our proxy says so", ours, "10.0.0.1:9", []string{"192.0.2.1"}, []string{"https"}, "192.0.2.1:0", "https"},
		{"our proxy over IPv6", ours, "[fd00::1]:9", []string{"2001:db8::1"}, []string{"https"}, "[2001:db8::1]:0", "https"},
		{"our proxy as a mapped address", ours, "[::ffff:10.0.0.1]:9", []string{"192.0.2.1"}, nil, "192.0.2.1:0", "http"},
		{"the client invented a hop", ours, "10.0.0.1:9", []string{"127.0.0.1, 192.0.2.1"}, nil, "192.0.2.1:0", "http"},
		{"the client invented one of ours", ours, "10.0.0.1:9", []string{"10.9.9.9, 192.0.2.1"}, nil, "192.0.2.1:0", "http"},
		{"in a header of its own", ours, "10.0.0.1:9", []string{"10.9.9.9", "192.0.2.1"}, nil, "192.0.2.1:0", "http"},
		{"two of our proxies", ours, "10.0.0.1:9", []string{"203.0.113.5, 192.0.2.1, 10.0.0.2"}, nil, "192.0.2.1:0", "http"},
		{"rubbish stops the walk", ours, "10.0.0.1:9", []string{"192.0.2.1, unknown, 10.0.0.2"}, nil, "10.0.0.2:0", "http"},
		{"a proxy that adds the port", ours, "10.0.0.1:9", []string{"203.0.113.5, 192.0.2.1:51008"}, []string{"https"}, "192.0.2.1:0", "https"},
		{"a proxy that adds the port of IPv6", ours, "10.0.0.1:9", []string{"[2001:db8::1]:443"}, nil, "[2001:db8::1]:0", "http"},
		{"a proxy that writes brackets", ours, "10.0.0.1:9", []string{"[2001:db8::1]"}, nil, "[2001:db8::1]:0", "http"},
		{"two of our proxies that add ports", ours, "10.0.0.1:9", []string{"192.0.2.1:51008, 10.0.0.2:80"}, nil, "192.0.2.1:0", "http"},
		{"an address with a zone", ours, "[fd00::1%eth0]:9", []string{"fe80::7%eth0"}, nil, "[fe80::7]:0", "http"},
		{"a mapped address with a port", ours, "10.0.0.1:9", []string{"[::ffff:192.0.2.1]:443"}, nil, "192.0.2.1:0", "http"},
		{"an empty element", ours, "10.0.0.1:9", []string{"192.0.2.1, ", ""}, []string{"https,"}, "192.0.2.1:0", "https"},
		{"a port that is none", ours, "10.0.0.1:9", []string{"192.0.2.1:99999"}, nil, "10.0.0.1:0", "http"},
		{"a WebSocket through Traefik", ours, "10.0.0.1:9", []string{"192.0.2.1"}, []string{"wss"}, "192.0.2.1:0", "https"},
		{"a WebSocket through Traefik without TLS", ours, "10.0.0.1:9", []string{"192.0.2.1"}, []string{"ws"}, "192.0.2.1:0", "http"},
		{"the client invented wss", ours, "10.0.0.1:9", nil, []string{"wss, http"}, "10.0.0.1:0", "http"},
		{"a stranger says wss", ours, "198.51.100.7:9", nil, []string{"wss"}, "198.51.100.7:9", "http"},
		{"nothing was added", ours, "10.0.0.1:9", nil, nil, "10.0.0.1:0", "http"},
		{"the client invented https", ours, "10.0.0.1:9", nil, []string{"https, http"}, "10.0.0.1:0", "http"},
		{"an odd scheme", ours, "10.0.0.1:9", nil, []string{"javascript"}, "10.0.0.1:0", "http"},
		{"the router's last hop", router, "10.1.2.3:9", []string{"203.0.113.5, 192.0.2.1"}, []string{"https"}, "192.0.2.1:0", "https"},
		{"a private address behind the router", router, "10.1.2.3:9", []string{"203.0.113.5, 10.0.0.9"}, nil, "10.0.0.9:0", "http"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var client, scheme string
			handler := c.proxies.resolved(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				client, scheme = r.RemoteAddr, r.URL.Scheme
			}))
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			r.Header.Set("Forwarded", "for=203.0.113.99;proto=https") // any client can send this header
			r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"] = c.forwarded, c.proto
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if client != c.client || scheme != c.wants {
				t.Errorf("got %s by %q, want %s by %s", client, scheme, c.client, c.wants)
			}
		})
	}
}

func TestProxies_IgnoreTheSchemeInTheRequestLine(t *testing.T) {
	f := newFixture(t)
	r := httptest.NewRequest("GET", "/", nil)
	r.URL.Scheme = "https" // as after the request line GET https://example.com/ HTTP/1.1, over plain TCP
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if got := w.Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("taken for HTTPS: %q", got)
	}
}
