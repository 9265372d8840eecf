// Package web renders posts, publishes them on channels of the hub, and serves the site.
//
//	stream.Op ─▶ reconciler ─▶ Timeline ─▶ hub.Channel ─┬─▶ GET /websocket, /streaming/events, …
//	                  ▲                                 └─▶ selection ─▶ GET /, /tag/x, …
//	POST /streaming ──┘                           store ──────▲
//
// A [Timeline] turns an op into an event of its channel: publisher renders the post as a card
// and puts the HTML into the event. A selection is the posts that match a query, before a position:
// latest reduces the log of the channel to the posts that are left, and the store has older ones. An
// address of the site stands for a view, which is a query and a moment, such as /tag/x or
// /by/mio?at=2026-11-29T14:00Z. Its page holds a selection with the position at which a browser
// continues. All other paths of the site stand in routes.go.
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
//   - Each address of a view shows the posts that match its query, and older ones page by page:
//     TestView_EachAddressShowsItsPosts, TestView_OlderPagesOfAViewReachAsFarBackAsTheStore.
//   - A slow search holds up no other page, and one client no other client:
//     TestView_SlowSearchesHoldUpNoOtherPage, TestView_TheSearchesOfOneClientHoldUpNoOtherClient.
//   - The page of a deleted post has nothing of it, in its headers neither: TestPost_OfADeletedPostNothingIsLeft.
//   - For each query, page, JSON, feed, stream and store have the same posts:
//     TestQuery_JSONFeedPageStreamAndStoreHaveTheSamePosts.
//   - A program that asks for new posts again and again misses none, or is told so:
//     TestListing_APollerMissesNoPost, TestListing_APollerIsToldIfPostsAreMissing.
//   - Only what the operator permits is passed on, and nothing of a deleted post:
//     TestData_LeavesOutSourcesThatAreNotOpen, TestData_NothingOfADeletedPostIsLeft.
//   - docs/openapi.yaml describes all routes and answers: TestOpenAPI_DescribesEveryRouteAndNoOther,
//     TestOpenAPI_EveryAnswerIsAsDescribed.
//   - HTTP caches can carry the events of a page: TestLog_CarriesTheEventsOfThePage.
//   - Every address in a page is served: TestRoutes_EachAddressInAPageIsServed.
//   - Only the owner of a token can publish, and no page of another site can:
//     TestIngest_AnswersEachRequestWithItsStatus, TestOrigin_OnlyPagesOfTheSiteCanPublish.
//   - Forwarded addresses count only if a trusted proxy sent them:
//     TestProxies_OnlyTrustedProxiesSetTheAddressOfTheClient.
//   - Behind nginx, HAProxy and other proxies, pages are live and clients have their own
//     addresses: TestFront_PagesAndStreamsWorkBehindEachProxy.
//   - Only moderators can decide what is shown, from pages of the site: TestAdmin_ForgedRequestsHaveNoEffect,
//     FuzzAdmin_FormsOfOthersHaveNoEffect, TestSessions_EndWithTheirTokenAndAfterTwelveHours.
//   - What a moderator hides is gone from all pages within a second:
//     TestDesk_WhatOneModeratorDecidesReachesEveryPageWithinASecond.
//   - Pinned posts are on top of the page, and a change of them never moves the post that is being read:
//     TestPins_AreOnThePageOfTheNewestPostsAlone, TestPins_NeverMoveThePostBeingRead.
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

	// With moderators, Moderation and Desk are set. Desk is the timeline of the posts that are held. The
	// hub must ask Sessions about the channel of the desk; if nil, nobody can log in.
	Moderation Moderation
	Desk       *Timeline
	Sessions   *Sessions
	Durable    bool // what moderators decide survives a restart

	// Screen returns what public screens show at present ("", "freeze" or "blank"), and the ids of the
	// posts that stay on top. nil: they show the posts.
	Screen func() (state string, pins []string)

	// Emit receives the posts and deletions of POST and DELETE /streaming. It must pass them
	// through the reconciler of the sources to the Timeline. If nil, the Timeline's Emit is used.
	Emit func(stream.Op) error

	// EmbedOrigins are the origins of pages that may show /embed in a frame. No other page may be in one.
	EmbedOrigins Origins

	// Reachable says that the site listens on an address that other machines can reach.
	Reachable bool

	Origins Origins         // origins of pages that may publish; the hub must use the same ones
	Site    string          // name of the site
	Brand   Brand           // its look
	Sample  bool            // some posts come from a recording, and the page says so
	Tokens  []stream.Secret // each permits its owner to publish and delete; if empty, POST /streaming isn't served
	Proxies Proxies
	Version string

	// Transport is how pages follow: "websocket", or "poll" for long polls that an HTTP cache can
	// carry. Empty: "websocket".
	Transport string

	Ready func() error // returns an error while no new clients should be sent here; nil: always ready

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
	fail := errorPages{c.Site, c.Brand.assets(newAssets())}
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
		{versionPath, get, version(c.Version, c.revision(fail.assets))},
		{robotsPath, get, robots(c.Index)},
	}
	all = append(all, streamRoutes(c)...)
	all = append(all, pageRoutes(c, fail)...)
	all = append(all, c.Brand.routes()...)
	all = append(all, newData(c).routes()...)
	in := newIngest(c)
	all = append(all, adminRoutes(c, fail, in)...)
	if c.Moderation != nil {
		all = append(all, route{avatarPath, get, siteAvatar(fail.assets)})
	}
	if len(c.Tokens) > 0 {
		all = append(all,
			route{publishPath(c.Timeline.name), http.MethodPost, in.handler(in.post)},
			route{postPattern(c.Timeline.name), http.MethodDelete, in.handler(in.delete)})
	}
	return all
}

// streamRoutes returns the routes of the streams of the timeline's channel.
func streamRoutes(c Config) []route {
	t := c.Timeline
	return []route{
		{eventsPath(t.name), http.MethodGet, http.HandlerFunc(t.channel.ServeEvents)},
		{linesPath(t.name), http.MethodGet, http.HandlerFunc(t.channel.ServeLines)},
		{logPath(t.name), durable.Methods, durable.Handler(t.channel, durable.Options{Open: newOpenLog(c).isOpen})},
	}
}

// pageRoutes returns the routes of the pages of posts.
func pageRoutes(c Config, fail errorPages) (all []route) {
	pages := newPages(c, fail)
	for _, pattern := range viewPatterns {
		all = append(all, route{pattern, get, pages})
	}
	all = append(all, route{permalinkPattern, get, http.HandlerFunc(pages.servePost)})
	for _, kind := range []screenKind{wall, overlay, embed(c.EmbedOrigins)} {
		all = append(all, newScreens(pages, kind).routes()...)
	}
	return append(all, route{loaderPath, get, foreign(static.File("embed.min.js"))})
}

func newAssets() templates.Assets {
	return templates.Assets{
		Style:   static.URL("app.css"),
		Script:  static.URL("app.min.js"),
		Icon:    static.URL("icon.svg"),
		Waiting: static.URL("icon-waiting.svg"),
		Touch:   static.URL("apple-touch-icon.png"),
		Shared:  static.URL("og.png"),

		PinsStyle:  static.URL("pins.css"),
		PinsScript: static.URL("pins.min.js"),

		AdminStyle:  static.URL("admin.css"),
		AdminScript: static.URL("admin.min.js"),
	}
}
