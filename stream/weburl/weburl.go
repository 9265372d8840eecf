// Package weburl parses the addresses of web pages as browsers do, by WHATWG's URL standard: it
// accepts what browsers open, such as a bare "%" or a backslash, and writes it in a form that no
// browser can take for another address. Only http and https are accepted, and no user names.
//
// It promises:
//
//   - addresses are parsed as Chromium parses them: TestWeburl_ParsesAddressesAsChromiumDoes (in package web)
//   - the result contains no character that ends an attribute in HTML, and parsing it again
//     changes nothing: FuzzParse
package weburl

import (
	"strings"
)

// Longest is the limit for an address, in bytes, when it is written. Browsers, proxies and
// servers support addresses of at least this length.
const Longest = 2048

// URL is a parsed address. Its parts are escaped.
type URL struct {
	Scheme   string // http or https
	Host     string // in lower case and Punycode, with a port other than the default
	Path     string // empty, or begins with a slash
	Query    string // with its "?"
	Fragment string // with its "#"
}

// String returns the address in its final form.
func (u URL) String() string { return u.Scheme + "://" + u.Host + u.Path + u.Query + u.Fragment }

// Clean returns an address in the form in which it is safe in HTML; "" if [Parse] refuses it.
func Clean(raw string) string {
	if isFinal(raw) {
		return raw
	}
	u, ok := Parse(raw)
	if !ok {
		return ""
	}
	return u.String()
}

// Parse parses an absolute address. It refuses addresses that browsers refuse, other schemes
// than http and https, user names, and what is longer than [Longest].
func Parse(raw string) (u URL, ok bool) {
	raw = strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' })
	raw = lineEnds.Replace(raw)
	scheme, rest, found := strings.Cut(raw, ":")
	if u.Scheme = strings.ToLower(scheme); !found || u.Scheme != "http" && u.Scheme != "https" {
		return URL{}, false
	}
	rest = strings.TrimLeft(rest, `/\`) // browsers accept any number of slashes
	end := strings.IndexAny(rest, `/\?#`)
	if end < 0 {
		end = len(rest)
	}
	authority, rest := rest[:end], rest[end:]
	if u.Host, ok = parseHost(authority, u.Scheme); !ok {
		return URL{}, false
	}
	rest, fragment, hasFragment := strings.Cut(rest, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	u.Path = parsePath(path)
	if hasQuery {
		u.Query = "?" + escape(query, unsafeInQuery)
	}
	if hasFragment {
		u.Fragment = "#" + escape(fragment, unsafeInFragment)
	}
	return u, len(u.String()) <= Longest
}

// lineEnds removes the characters that browsers remove from addresses.
var lineEnds = strings.NewReplacer("\t", "", "\n", "", "\r", "")

// The characters that are escaped, besides spaces, control characters and those outside of
// ASCII. They are those of the standard and of RFC 3986.
const (
	unsafeInPath     = "\"<>^`{|}"
	unsafeInQuery    = "\"<>\\^`{|}"
	unsafeInFragment = "\"<>\\^`{|}"
)

func escape(s, unsafe string) string {
	i := 0
	for i < len(s) && !isUnsafe(s[i], unsafe) {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for ; i < len(s); i++ {
		if c := s[i]; isUnsafe(c, unsafe) {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isUnsafe(c byte, unsafe string) bool {
	return c <= ' ' || c >= 0x7f || strings.IndexByte(unsafe, c) >= 0
}

const upperHex = "0123456789ABCDEF"

// parsePath resolves the segments "." and "..", which can be escaped, and writes backslashes as
// slashes.
func parsePath(path string) string {
	if path == "" {
		return ""
	}
	path = strings.ReplaceAll(path, `\`, "/")
	if !strings.Contains(path, "/.") && !strings.Contains(path, "%2") { // no segment is "." or ".."
		return escape(path, unsafeInPath)
	}
	var out []string
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch dots.Replace(s) {
		case "..":
			out = out[:max(len(out)-1, 0)]
			if last {
				out = append(out, "")
			}
		case ".":
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, escape(s, unsafeInPath))
		}
	}
	return "/" + strings.Join(out, "/")
}

var dots = strings.NewReplacer("%2e", ".", "%2E", ".")
