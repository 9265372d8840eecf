package web

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// longestAddress is what browsers, proxies and servers agree to carry, in bytes.
const longestAddress = 2048

// linkAddress returns raw in a form that may stand in an href, or "" if it may not:
// absolute, http or https, without a user name.
func linkAddress(raw string) string { return absolute(raw, "http", "https") }

// imageAddress returns raw in a form that may stand in a src, or "" if it may not:
// https, or a file of our own under /static/.
func imageAddress(raw string) string {
	if strings.HasPrefix(raw, "/static/") {
		return ownFile(raw)
	}
	return absolute(raw, "https")
}

// absolute parses raw as the browser's own parser would read it, refuses what the
// two might read differently, and writes it anew.
func absolute(raw string, schemes ...string) string {
	u, err := url.Parse(raw)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.User != nil || u.Opaque != "" || !plainHost(u) {
		return ""
	}
	u.RawQuery = oddInQuery.ReplaceAllStringFunc(u.RawQuery, url.PathEscape)
	return bounded(u.String())
}

// oddInQuery is what neither a browser nor RFC 3986 lets stand in a query, but for the
// brackets and the apostrophe, which do no harm; net/url writes a query as it came.
var oddInQuery = regexp.MustCompile("[^!-~]|[\"<>\\\\^`{|}]")

// hostPattern is the authority of RFC 3986 less the user name and the punctuation
// that no registered name holds; letters of any script stand for an IDN.
var hostPattern = regexp.MustCompile(`^(\[[0-9a-fA-F:.]+\]|[\p{L}\p{M}\p{N}._-]+)(:[0-9]{1,5})?$`)

// usualHost is what most hosts are made of, which is quicker to see than to match.
const usualHost = "abcdefghijklmnopqrstuvwxyz0123456789.-"

func plainHost(u *url.URL) bool {
	return u.Host != "" && strings.Trim(u.Host, usualHost) == "" || hostPattern.MatchString(u.Host)
}

// ownFile returns the path of one of our static files, without climbing out of them.
func ownFile(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host != "" || path.Clean(u.Path) != u.Path || strings.Contains(u.Path, `\`) {
		return ""
	}
	return bounded(u.EscapedPath())
}

// bounded returns the address, or "" if it is too long: escaped, as that makes it longer.
func bounded(address string) string {
	if len(address) > longestAddress {
		return ""
	}
	return address
}
