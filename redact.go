package main

import (
	"regexp"
	"strconv"
	"strings"
)

// shown quotes a value for a message, after removing what could be a secret.
func shown(value string) string { return strconv.Quote(cut(redacted(value), longestShown)) }

// redacted replaces the parts of an address that can hold a secret with "…": user and password,
// path, query and fragment. It also works for an address that can't be parsed. It returns a text
// that has none of these parts unchanged.
func redacted(address string) string {
	prefix, ends := scheme.FindString(address), "/?#=&"
	if prefix == "" {
		ends = "?#=&"
		if strings.HasPrefix(address, "#") { // it is a hashtag, not a fragment
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

	// addressLike matches words of a message that could contain a password or a token.
	addressLike = regexp.MustCompile(`[^\s"]*(?:://|:[^\s"]*@|\?[^\s"]*=)[^\s"]*`)
)

// longestWord is the length of the longest argument of the command line that a message shows in
// full. Tokens are longer.
const longestWord = 19

// redactedArguments shortens the arguments in the message of the command line's parser. An argument
// in the wrong place could be a token: a flag without its value, a token with a space in it.
func redactedArguments(message string, args []string) string {
	for _, arg := range args {
		if len(arg) > longestWord && !strings.HasPrefix(arg, "-") {
			message = strings.ReplaceAll(message, arg, cut(arg, 4))
		}
	}
	return message
}

// redactedText redacts the addresses in the error message of another package. Each of the values
// that looks like an address is redacted as a whole, because such a value can contain spaces.
func redactedText(message string, values ...string) string {
	for _, value := range values {
		if addressLike.MatchString(value) {
			message = strings.ReplaceAll(message, value, redacted(value))
		}
	}
	return addressLike.ReplaceAllStringFunc(message, redacted)
}

// longestShown is the limit for a value in a message, in characters.
const longestShown = 80

// shownPath quotes a file name for a message. It redacts a name that looks like an address.
func shownPath(path string) string {
	if addressLike.MatchString(path) {
		return shown(path)
	}
	return strconv.Quote(path)
}
