package main

import (
	"regexp"
	"strconv"
	"strings"
)

// shown quotes a value for a message, without what may be secret in it.
func shown(value string) string { return strconv.Quote(cut(redacted(value), longestShown)) }

// redacted is an address without its user and password, its path, its query and its
// fragment, each replaced by "…". It does not rely on the address being valid. A text
// that holds none of these is returned as it is.
func redacted(address string) string {
	prefix, ends := scheme.FindString(address), "/?#=&"
	if prefix == "" {
		ends = "?#=&"
		if strings.HasPrefix(address, "#") { // a hashtag
			prefix = "#"
		}
	}
	rest := address[len(prefix):]
	if at := strings.LastIndex(rest, "@"); at > 0 {
		rest = "…" + rest[at:]
	}
	if end := strings.IndexAny(rest, ends); end >= 0 && end+1 < len(rest) {
		rest = rest[:end+1] + "…"
	}
	return prefix + rest
}

var (
	scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

	// addressLike are the words of a message that may hold a password or a token.
	addressLike = regexp.MustCompile(`[^\s"]*(?:://|:[^\s"]*@|\?[^\s"]*=)[^\s"]*`)
)

// redactedText is a message of another package without what may be secret in the
// addresses in it. The values are parts of the message that are addresses as a whole,
// even with a space in them.
func redactedText(message string, values ...string) string {
	for _, value := range values {
		if addressLike.MatchString(value) {
			message = strings.ReplaceAll(message, value, redacted(value))
		}
	}
	return addressLike.ReplaceAllStringFunc(message, redacted)
}

// longestShown is how many characters of a value a message shows.
const longestShown = 80

// shownPath quotes the name of a file. A name that looks like an address is redacted.
func shownPath(path string) string {
	if addressLike.MatchString(path) {
		return shown(path)
	}
	return strconv.Quote(path)
}
