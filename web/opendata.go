package web

import "net/http"

// OpenData reports whether the posts of a source are passed on to other sites and programs: as
// JSON, in feeds and by oEmbed. If it is nil, none are. The streams that the page itself follows
// have all posts.
type OpenData func(source string) bool

// public serves data that pages of all sites may read (CORS). Search engines should list the page with
// the same posts instead.
func public(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Access-Control-Expose-Headers", "ETag")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Set(robotsTag, "noindex")
		next.ServeHTTP(w, r)
	})
}
