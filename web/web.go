// Package web renders posts, publishes them on channels of the hub, and serves the site.
//
//	stream.Op ─▶ reconciler ─▶ Timeline ─▶ hub.Channel ─┬─▶ GET /websocket, /streaming/events, …
//	                  ▲                                 └─▶ latest ─▶ View ─▶ GET /
//	POST /streaming ──┘
//
// A [Timeline] turns an op into an event of its channel: publisher renders the post as a card
// and puts the HTML into the event. A [View] is a page with an address of its own: latest reduces
// the log of its Timeline's channel to the posts that are left, and the page holds the newest of
// them with the position at which a browser continues. Another view, for example of one
// author, is another Timeline, a filter in front of its Emit, and an entry in [Config.Views].
// All paths of the site stand in routes.go.
//
// The package owns what a card may contain, the pages, publishing by HTTP, and what every
// response is sent with: a request id, security headers, a line in the log. It leaves to others
// where posts come from and whether they are duplicates (stream), who is connected and what
// they missed (hub), the markup (templates), the files (static), and listening and stopping (main).
//
// It promises:
//   - Each version of a post is rendered once. Page and socket carry the same bytes:
//     TestTimeline_PageAndSocketCarryTheSameCard.
//   - Text from a network is only shown. It never becomes markup, a script or an address that
//     executes: TestCard_ShowsHostileTextAsPlainText, TestAddress_OnlySafeAddressesPass.
//   - The text of a deleted post is in no page and no event: TestTimeline_DeletedTextIsInNoPageOrEvent.
//   - A post of any size is shown, if necessary shortened: TestTimeline_ShortensAPostThatIsTooLarge.
//   - A page has the position at which it was rendered, so that a browser continues from there:
//     TestPage_HasThePositionOfTheNewestEventInItsCards.
//   - Older posts reach as far back as the store does: TestHistory_OlderPagesReachAsFarBackAsTheStore.
//   - A view has its own address, posts, older pages and streams:
//     TestView_ASecondViewHasItsOwnPostsAddressesAndOlderPages.
//   - HTTP caches can carry the events of a page: TestLog_CarriesTheEventsOfThePage.
//   - Every address in a page is served: TestRoutes_EachAddressInAPageIsServed.
//   - Only the owner of a token can publish, and no page of another site can:
//     TestIngest_AnswersEachRequestWithItsStatus, TestOrigin_OnlyPagesOfTheSiteCanPublish.
//   - Forwarded addresses count only if a trusted proxy sent them:
//     TestProxies_OnlyTrustedProxiesSetTheAddressOfTheClient.
//   - Behind nginx, HAProxy and other proxies, pages are live and clients have their own
//     addresses: TestFront_PagesAndStreamsWorkBehindEachProxy.
//   - Every response has its security headers and its request id: TestHeaders_AreOnEveryResponse.
package web

import (
	"log/slog"
	"net/http"

	"nagare/hub"
	"nagare/hub/durable"
	"nagare/static"
	"nagare/stream"
	"nagare/templates"
)

// Config holds the parameters of New. Hub, Timeline and Log are required.
type Config struct {
	Hub      *hub.Hub
	Timeline *Timeline
	Log      *slog.Logger
	Requests *RequestLog // nil: requests are not logged

	// Views are further pages, besides the page of Timeline at "/". Each has its own Timeline.
	Views []View

	// Emit receives the posts and deletions of POST and DELETE /streaming. It must pass them
	// through the reconciler of the sources to the Timeline. If nil, the Timeline's Emit is used.
	Emit func(stream.Op) error

	Origins Origins         // origins of pages that may publish; the hub must use the same ones
	Site    string          // name of the site
	Sample  bool            // some posts come from a recording, and the page says so
	Tokens  []stream.Secret // each permits its owner to publish and delete; if empty, POST /streaming isn't served
	Proxies Proxies
	Version string
	Ready   func() error // returns an error while no new clients should be sent here; nil: always ready

	// Degraded returns an error while no post can be published, because the store can't take it;
	// nil: never.
	Degraded func() error

	Index    bool     // search engines may list the site
	OpenData OpenData // which posts are passed on to other sites and programs; nil: none
}

// get lists the methods that a page allows.
const get = "GET, HEAD"

// New makes the handler of the whole site.
func New(c Config) http.Handler {
	fail := errorPages{c.Site, newAssets()}
	mux := http.NewServeMux()
	for _, r := range routes(c, fail) {
		mux.Handle(r.pattern, fail.allow(r.methods, r.handler))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fail.show(w, r, http.StatusNotFound) })
	return identified(c.Proxies.resolved(c.Requests.logged(secured(unlisted(c.Index, fail.recovered(c.Log, limited(framed(mux))))))))
}

// route is a handler of the site with its pattern for http.ServeMux.
type route struct {
	pattern, methods string
	handler          http.Handler
}

func routes(c Config, fail errorPages) []route {
	all := []route{
		{static.Root, get, static.Handler()},
		{manifestPath, get, manifestOf(c.Site)},
		{socketPath, http.MethodGet, c.Hub},
		{HealthPath, get, healthy()},
		{readyPath, get, ready(c.Ready, c.Degraded)},
		{versionPath, get, version(c.Version)},
		{robotsPath, get, robots(c.Index)},
	}
	for _, v := range append([]View{{Path: homePath, Timeline: c.Timeline}}, c.Views...) {
		all = append(all, viewRoutes(c, v, fail)...)
	}
	if len(c.Tokens) > 0 {
		in := newIngest(c)
		all = append(all,
			route{publishPath(c.Timeline.name), http.MethodPost, in.handler(in.post)},
			route{postPattern(c.Timeline.name), http.MethodDelete, in.handler(in.delete)})
	}
	return all
}

// viewRoutes returns the routes of a view's page and of the streams of the view's channel.
func viewRoutes(c Config, v View, fail errorPages) []route {
	channel := v.Timeline.channel
	return []route{
		{v.pattern(), get, newViewHandler(c, v, fail.assets)},
		{eventsPath(v.Timeline.name), http.MethodGet, http.HandlerFunc(channel.ServeEvents)},
		{linesPath(v.Timeline.name), http.MethodGet, http.HandlerFunc(channel.ServeLines)},
		{logPath(v.Timeline.name), durable.Methods, durable.Handler(channel, durable.Options{})},
	}
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
