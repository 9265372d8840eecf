package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"
)

// Origins lists the origins from which pages may connect and post, each as "scheme://host[:port]".
// If it is empty, only the site's own origin is allowed, as the request states it.
type Origins []string

// Allow reports whether the origin of the page that sent the request is allowed. Scheme, host and
// port must all be the same, as in RFC 6454. A request without an Origin header is allowed,
// because no page sent it. A tool gains nothing by omitting the header: the only cookie that authorizes
// anything is that of moderators, and their forms need the header or another one. A trusted proxy can report the scheme of the visitor's connection; the middleware
// then sets r.URL.Scheme, see [Scheme].
func (o Origins) Allow(r *http.Request) bool {
	given := r.Header.Values("Origin")
	if len(given) == 0 {
		return true
	}
	origin, ok := CanonicalOrigin(given[0])
	return ok && len(given) == 1 && slices.ContainsFunc(o.of(r), func(allowed string) bool {
		a, ok := CanonicalOrigin(allowed)
		return ok && a == origin
	})
}

// of returns the origins that are allowed for the request r.
func (o Origins) of(r *http.Request) Origins {
	if len(o) == 0 {
		return Origins{Scheme(r) + "://" + r.Host}
	}
	return o
}

// Reported returns a function that does what Allow does and logs refusals. Once a minute it logs
// the newest refused request and the number of refused requests. Operators need this line, because
// a refused page isn't told the reason.
func (o Origins) Reported(log *slog.Logger) func(*http.Request) bool {
	refused := &refusedOrigins{log: log}
	return func(r *http.Request) bool {
		if o.Allow(r) {
			return true
		}
		refused.report(r, o.of(r))
		return false
	}
}

// refusedOrigins counts the requests that were refused because of their origin.
type refusedOrigins struct {
	log *slog.Logger

	mu sync.Mutex

	// Guarded by mu.
	count  int       // of refused requests since the last log line
	logged time.Time // time of the last log line
}

func (o *refusedOrigins) report(r *http.Request, allowed Origins) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count++
	if now := time.Now(); now.Sub(o.logged) >= repeatsEvery {
		o.log.Warn("request refused, the origin of its page is not the site's",
			"origin", strings.Join(r.Header.Values("Origin"), ", "), "site", strings.Join(allowed, ", "),
			"setting", "--public-url, PUBLIC_URL", "path", r.URL.Path, "refused", o.count)
		o.count, o.logged = 0, now
	}
}

// first returns the first origin in the configuration, or "" if there is none. It is used to make
// absolute addresses that must not depend on the headers of a request.
func (o Origins) first() string {
	if len(o) == 0 {
		return ""
	}
	return o[0]
}

// Scheme returns the scheme that the visitor's browser uses, to the site or to the proxy in front.
// It is https if the connection is TLS or r.URL.Scheme is https.
func Scheme(r *http.Request) string {
	if r.TLS != nil || r.URL.Scheme == "https" {
		return "https"
	}
	return "http"
}

// CanonicalOrigin writes an origin as browsers do: in lower case, in Punycode, and without the
// default port of the scheme. It also removes the dot at the end of a host: for browsers it makes
// a different origin, but the site is the same. ok is false for "null" and for a text with more
// parts than an origin.
func CanonicalOrigin(s string) (origin string, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(s, u.Scheme+"://"+u.Host) {
		return "", false
	}
	host, ok := canonicalHost(u.Hostname())
	if !ok || strings.HasSuffix(u.Host, ":") {
		return "", false
	}
	origin = u.Scheme + "://" + host
	if u.Port() == "" {
		return origin, true
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return "", false
	}
	if port != ownPort[u.Scheme] {
		origin += ":" + strconv.FormatUint(port, 10)
	}
	return origin, true
}

// ownPort maps each scheme to its default port.
var ownPort = map[string]uint64{"http": 80, "https": 443}

// hostNames converts host names to Punycode as WHATWG's URL standard requires. Unlike stricter
// profiles, it allows the underscores that container networks use.
var hostNames = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

func canonicalHost(host string) (canonical string, ok bool) {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Is6() {
			return "[" + addr.String() + "]", addr.Zone() == ""
		}
		return addr.String(), true
	}
	name, err := hostNames.ToASCII(host)
	name = strings.TrimSuffix(name, ".")
	return name, err == nil && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}
