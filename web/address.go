package web

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// longestAddress is the limit for addresses, in bytes. Browsers, proxies and servers support
// at least as much.
const longestAddress = 2048

// linkAddress returns raw in a form that is safe in an href, or "" if there is none: an
// absolute address, http or https, without a user name.
func linkAddress(raw string) string { return absolute(raw, "http", "https") }

// imageAddress returns raw in a form that is safe in a src, or "" if there is none: https, or
// one of the site's static files.
func imageAddress(raw string) string {
	if strings.HasPrefix(raw, "/static/") {
		return ownFile(raw)
	}
	return absolute(raw, "https")
}

// absolute parses raw and formats it anew. It returns "" for an address that this parser and a
// browser's might interpret differently, or whose scheme is not one of schemes.
func absolute(raw string, schemes ...string) string {
	u, err := url.Parse(raw)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.User != nil || u.Opaque != "" || !plainHost(u) {
		return ""
	}
	u.RawQuery = unsafeInQuery.ReplaceAllStringFunc(u.RawQuery, url.PathEscape)
	return bounded(u.String())
}

// unsafeInQuery matches the characters of a query that browsers or RFC 3986 require to be
// escaped, except brackets and the apostrophe, which are harmless. net/url doesn't escape them.
var unsafeInQuery = regexp.MustCompile("[^!-~]|[\"<>\\\\^`{|}]")

// hostPattern matches the authority of RFC 3986 without a user name and without the punctuation
// that no registered name contains. Letters of any script are allowed for IDNs.
var hostPattern = regexp.MustCompile(`^(\[[0-9a-fA-F:.]+\]|[\p{L}\p{M}\p{N}._-]+)(:[0-9]{1,5})?$`)

// hostCharacters are the characters of most hosts. To test for them is faster than to match
// hostPattern.
const hostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789.-"

func plainHost(u *url.URL) bool {
	return u.Host != "" && strings.Trim(u.Host, hostCharacters) == "" || hostPattern.MatchString(u.Host)
}

// ownFile returns the path of a static file of the site, or "" if the path contains dot segments.
func ownFile(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host != "" || path.Clean(u.Path) != u.Path || strings.Contains(u.Path, `\`) {
		return ""
	}
	return bounded(u.EscapedPath())
}

// bounded returns the escaped address, or "" if it is too long.
func bounded(address string) string {
	if len(address) > longestAddress {
		return ""
	}
	return address
}
