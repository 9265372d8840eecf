package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Origins lists from where pages may connect and post, each as "scheme://host[:port]".
// Without any, it is from where the request itself says that it was sent.
type Origins []string

// Allow reports whether the request may come from the page that it comes from.
// Scheme, host and port must all be the same, as RFC 6454 compares origins.
//
// A request without Origin is allowed, as it comes from no page: nothing here
// goes by cookies, so a tool that leaves it out gains nothing. A handler in front
// may set r.URL.Scheme if a proxy that it trusts has said it; see [Scheme].
func (o Origins) Allow(r *http.Request) bool {
	given := r.Header.Values("Origin")
	if len(given) == 0 {
		return true
	}
	origin, ok := normalOrigin(given[0])
	if !ok || len(given) > 1 {
		return false
	}
	if len(o) == 0 {
		o = Origins{Scheme(r) + "://" + r.Host}
	}
	return slices.ContainsFunc(o, func(allowed string) bool {
		a, ok := normalOrigin(allowed)
		return ok && a == origin
	})
}

// first is the origin that the operator named first, or "" without any. It makes an
// address of ours absolute where one is wanted and no request may say what it is.
func (o Origins) first() string {
	if len(o) == 0 {
		return ""
	}
	return o[0]
}

// Scheme is what the visitor's browser speaks with us, or with the proxy in front:
// https if the connection is TLS or r.URL.Scheme says so.
func Scheme(r *http.Request) string {
	if r.TLS != nil || r.URL.Scheme == "https" {
		return "https"
	}
	return "http"
}

// normalOrigin writes an origin in lower case and without the scheme's own port.
// Whatever has more parts than an origin is none; "null" is none either.
func normalOrigin(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || s != u.Scheme+"://"+u.Host && !strings.EqualFold(s, u.Scheme+"://"+u.Host) {
		return "", false
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "", false
	case port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443":
		return u.Scheme + "://" + host, true
	}
	return u.Scheme + "://" + host + ":" + port, true
}
