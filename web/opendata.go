package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"nagare/hub"
)

// OpenData reports whether the posts of a source are passed on to other sites and programs: as
// JSON, in feeds and by oEmbed. If it is nil, none are. The streams that the page itself follows
// have all posts.
type OpenData func(source string) bool

// passes reports whether a post is passed on.
func (o OpenData) passes(post *hub.Index) bool {
	if o == nil || post == nil {
		return false
	}
	for _, term := range post.Terms {
		if source, is := strings.CutPrefix(term, "source:"); is {
			return o(source)
		}
	}
	return false
}

// getOptions lists the methods of data that pages of all sites may read. A browser asks with OPTIONS
// before a request with a header such as If-None-Match.
const getOptions = get + ", " + http.MethodOptions

// public serves data that pages of all sites may read (CORS). Search engines should list the page with
// the same posts instead.
func public(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Access-Control-Expose-Headers", "ETag")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if header.Get(robotsTag) == "" {
			header.Set(robotsTag, "noindex")
		}
		if r.Method == http.MethodOptions {
			header.Set("Access-Control-Allow-Methods", get)
			header.Set("Access-Control-Allow-Headers", "If-None-Match")
			header.Set("Access-Control-Max-Age", "86400")
			header.Set("Allow", getOptions)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// openLog knows whether the log of the timeline may be read by pages of all sites: only if all posts
// in it are passed on.
type openLog struct {
	// Set by newOpenLog, never changed.
	passes  OpenData
	channel *hub.Channel

	mu sync.Mutex

	// Guarded by mu.
	tip  hub.Position // end of the log for which open holds
	open bool
}

func newOpenLog(c Config) *openLog { return &openLog{passes: c.OpenData, channel: c.Timeline.channel} }

func (l *openLog) isOpen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.passes == nil || l.tip == l.channel.Tip() {
		return l.open
	}
	events, tip := l.channel.Recent(everything)
	l.tip, l.open = tip, !slices.ContainsFunc(events, func(ev hub.Event) bool { return ev.Index != nil && !l.passes.passes(ev.Index) })
	return l.open
}
