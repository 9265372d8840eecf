package weburl

import "strings"

// isFinal reports whether an address certainly has its final form, so that it needs no parsing.
// Most addresses that networks send have it, and a post has ten of them.
func isFinal(raw string) bool {
	rest, ok := strings.CutPrefix(raw, "https://")
	if !ok || len(raw) > Longest {
		return false
	}
	end := 0
	for end < len(rest) && isPlainHost(rest[end]) {
		end++
	}
	host, rest := rest[:end], rest[end:]
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || last[0] < 'a' || strings.Contains(host, "xn--") { // the host could be a number, or refused
		return false
	}
	if rest != "" && rest[0] != '/' && rest[0] != '?' && rest[0] != '#' {
		return false
	}
	for i := range len(rest) {
		if isUnsafe(rest[i], unsafeInQuery) {
			return false
		}
	}
	return !strings.Contains(rest, "/.") && !strings.Contains(rest, "%2e") && !strings.Contains(rest, "%2E")
}

func isPlainHost(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_'
}
