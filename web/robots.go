package web

import (
	"io"
	"net/http"
	"strings"
)

// robotsTag is the header that tells search engines whether to list an address.
const robotsTag = "X-Robots-Tag"

// previewers are the robots that make the preview of an address that a person shares. They are no
// search engines, but obey robots.txt.
var previewers = []string{"Twitterbot", "facebookexternalhit", "LinkedInBot", "Slackbot-LinkExpanding", "Discordbot", "TelegramBot"}

// robots serves robots.txt (RFC 9309). On a site that may be listed, it excludes the addresses with
// a query, such as searches, because there is no end of them. Posts are at addresses without one.
// The pages of a moment may be read. Search engines follow the links to those of the last 24 hours: the pages of
// a moment link to earlier ones with rel="nofollow".
func robots(index bool) http.Handler {
	rules := "User-agent: *\nDisallow: /*?\nAllow: /?" + atParam + "=\n"
	if !index {
		rules = "User-agent: " + strings.Join(previewers, "\nUser-agent: ") + "\nAllow: /\n\nUser-agent: *\nDisallow: /\n"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		io.WriteString(w, rules) // an error means that the client has disconnected
	})
}

// unlisted tells search engines with every response not to list the site, unless index is set.
// Robots that disobey robots.txt, or find the address elsewhere, learn it from there.
func unlisted(index bool, next http.Handler) http.Handler {
	if index {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(robotsTag, "noindex, nofollow")
		next.ServeHTTP(w, r)
	})
}
