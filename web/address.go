package web

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// longestAddress is the limit for addresses, in bytes. Browsers, proxies and servers support
// addresses of at least this length.
const longestAddress = 2048

// linkAddress returns raw in a form that is safe in an href. It returns "" unless raw is an
// absolute http or https address without a user name.
func linkAddress(raw string) string { return absolute(raw, "http", "https") }

// imageAddress returns raw in a form that is safe in a src. It returns "" unless raw is an https
// address or the path of one of the site's static files.
func imageAddress(raw string) string {
	if strings.HasPrefix(raw, "/static/") {
		return ownFile(raw)
	}
	return absolute(raw, "https")
}

// absolute parses raw and formats it anew. It returns "" for an address whose scheme is not one of
// schemes, and for one that a browser could interpret differently from this parser.
func absolute(raw string, schemes ...string) string {
	u, err := url.Parse(raw)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.User != nil || u.Opaque != "" || !plainHost(u) {
		return ""
	}
	u.RawQuery = unsafeInQuery.ReplaceAllStringFunc(u.RawQuery, url.PathEscape)
	return bounded(u.String())
}

// unsafeInQuery matches the characters of a query that must be escaped according to browsers or
// RFC 3986, but that net/url leaves unescaped. It excludes brackets and the apostrophe, which are
// harmless.
var unsafeInQuery = regexp.MustCompile("[^!-~]|[\"<>\\\\^`{|}]")

// hostPattern matches the host and port of an address as RFC 3986 defines them, without the
// punctuation that no registered name contains. It allows letters of any script, for
// internationalized names.
var hostPattern = regexp.MustCompile(`^(\[[0-9a-fA-F:.]+\]|[\p{L}\p{M}\p{N}._-]+)(:[0-9]{1,5})?$`)

// hostCharacters are the characters of most hosts. A host with no other characters needs no match
// against hostPattern, which is slower.
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
