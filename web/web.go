// Package web turns posts into events and pages, and serves both.
//
//	stream.Op ─▶ Timeline ─▶ hub.Channel ─┬─▶ GET /websocket   (the hub's own)
//	POST /streaming ──▲                   └─▶ GET /            (folded into a page)
//
// It owns the table of routes, the rendering of each post into the one card that
// page and socket both carry, what may stand in that card, the page made of the
// newest cards, publishing by HTTP, and what every response is sent with: a
// request id, security headers, a line in the log. It leaves to others where posts
// come from and whether they were seen before (stream), who is connected and what
// they missed (hub), how a card looks (templates), the files (static), and
// listening and stopping (main).
//
// It promises:
//   - a card is rendered once, and page and socket carry the same bytes:
//     TestTimeline_PageAndSocketCarryTheSameCard
//   - what came from a network is data: none of it becomes markup, a script or an
//     address that runs: TestCard_HostileTextStaysText, TestAddress_Table
//   - what is deleted is in no page and no event any more:
//     TestTimeline_DeletedTextIsGoneEverywhere
//   - a post of any size is shown, if need be cut: TestTimeline_CutsWhatIsTooLarge
//   - a page has the position it was rendered at, so that a browser continues from there:
//     TestPage_HasThePositionItsCardsEndAt
//   - only who has the token publishes, and no other site's page can:
//     TestIngest_Table, TestOrigin_OnlyPagesOfTheSitePost
//   - a client's word on its address counts only through a trusted proxy:
//     TestProxies_OnlyATrustedProxySaysWhoAsks
//   - behind nginx, HAProxy and others, visitors are live and told apart:
//     TestFront_CarriesEverything
//   - whatever happens, a response has its security headers and its request id:
//     TestHeaders_OnEveryResponse
package web

import (
	"log/slog"
	"net/http"

	"nagare/hub"
	"nagare/static"
	"nagare/stream"
	"nagare/templates"
)

// Config is what New needs. Hub, Timeline and Log must be set.
type Config struct {
	Hub      *hub.Hub
	Timeline *Timeline
	Log      *slog.Logger
	Requests *RequestLog // nil: requests are not logged

	// Emit takes what is posted and deleted at /streaming. It is to lead to the Timeline by
	// the reconciler that the sources go through. Nil: to the Timeline directly.
	Emit func(stream.Op) error

	Origins Origins  // that may post; the hub is to have the same
	Site    string   // name of the site
	Sample  bool     // the posts are a recording, and the page says so
	Tokens  []string // that may publish and delete at /streaming; without any it isn't there
	Proxies Proxies
	Version string
	Ready   func() error // says why no more visitors should be sent; nil: always ready
}

// get is what a page may be asked for with.
const get = "GET, HEAD"

// New makes the handler of the whole site.
func New(c Config) http.Handler {
	fail := errorPages{c.Site, newAssets()}
	type route struct {
		path, methods string
		handler       http.Handler
	}
	routes := []route{
		{"/{$}", get, newPages(c, fail)},
		{static.Root, get, static.Handler()},
		{"/manifest.webmanifest", get, manifestOf(c.Site)},
		{"/websocket", http.MethodGet, c.Hub},
		{"/streaming/events", http.MethodGet, http.HandlerFunc(c.Timeline.channel.ServeEvents)},
		{"/streaming.ndjson", http.MethodGet, http.HandlerFunc(c.Timeline.channel.ServeLines)},
		{"/healthz", get, healthy()},
		{"/readyz", get, ready(c.Ready)},
		{"/version", get, version(c.Version)},
	}
	if len(c.Tokens) > 0 {
		in := newIngest(c)
		routes = append(routes,
			route{"/streaming", http.MethodPost, in.handler(in.post)},
			route{"/streaming/{id}", http.MethodDelete, in.handler(in.delete)})
	}
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.path, fail.allow(r.methods, r.handler))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fail.show(w, r, http.StatusNotFound) })
	return identified(c.Proxies.resolved(c.Requests.logged(secured(fail.recovered(c.Log, limited(framed(mux)))))))
}

func newAssets() templates.Assets {
	return templates.Assets{
		Style:   static.URL("app.css"),
		Script:  static.URL("app.min.js"),
		Icon:    static.URL("icon.svg"),
		Waiting: static.URL("icon-waiting.svg"),
		Touch:   static.URL("apple-touch-icon.png"),
		Shared:  static.URL("og.png"),
	}
}
