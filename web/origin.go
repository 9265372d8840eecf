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
	origin, ok := CanonicalOrigin(given[0])
	return ok && len(given) == 1 && slices.ContainsFunc(o.of(r), func(allowed string) bool {
		a, ok := CanonicalOrigin(allowed)
		return ok && a == origin
	})
}

// of returns the origins that are allowed for the request.
func (o Origins) of(r *http.Request) Origins {
	if len(o) == 0 {
		return Origins{Scheme(r) + "://" + r.Host}
	}
	return o
}

// Reported returns Allow, with a line in the log about the requests that it refuses: the
// newest of them, and their number, once a minute. The page behind such a request can't
// say why it isn't live.
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

// refusedOrigins counts the requests that are refused for their origin.
type refusedOrigins struct {
	log *slog.Logger

	mu sync.Mutex

	// Guarded by mu.
	count  int       // since the last line of the log
	logged time.Time // when that was written
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

// CanonicalOrigin writes an origin as browsers do: in lower case, in Punycode, and without
// the scheme's own port. It also leaves out the dot at the end of a host, with which a
// browser writes the same site as another origin. Text with more parts than an origin is
// none, and "null" is none either.
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

// ownPort is the port that an address of the scheme has if it names none.
var ownPort = map[string]uint64{"http": 80, "https": 443}

// hostNames turns names into Punycode as the URL standard of WHATWG does, which allows
// the underscores of container networks.
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
	return name, err == nil && name != "" && strings.Trim(name, hostCharacters+"_") == ""
}
