package web

import "net/url"

// The paths of the site. Handlers and pages use these constants, and the script reads the paths
// from the data attributes of the page.
const (
	// HealthPath answers with 200 while the process is alive.
	HealthPath = "/healthz"

	readyPath    = "/readyz"
	versionPath  = "/version"
	manifestPath = "/manifest.webmanifest"
	atomPath     = "/feed.atom"
	jsonFeedPath = "/feed.json"
	oembedPath   = "/oembed"
	robotsPath   = "/robots.txt"
	socketPath   = "/websocket"
	homePath     = "/" // path of the page with all posts

	adminPath = "/admin" // path of the pages of the moderators
)

// eventsPath is the path of a channel's Server-Sent Events.
func eventsPath(channel string) string { return "/" + channel + "/events" }

// linesPath is the path of a channel's lines of JSON.
func linesPath(channel string) string { return "/" + channel + ".ndjson" }

// logPath is the path of a channel's log, which HTTP caches can carry: see package durable.
func logPath(channel string) string { return "/log/" + channel }

// listingPath is the path of a channel's posts as JSON.
func listingPath(channel string) string { return "/" + channel + ".json" }

// publishPath is the path at which a post is published on a channel.
func publishPath(channel string) string { return "/" + channel }

// postPattern matches the path at which a published post is deleted, for http.ServeMux.
func postPattern(channel string) string { return publishPath(channel) + "/{id}" }

// postPath returns the path of the page of a post.
func postPath(id string) string { return "/post/" + url.PathEscape(id) }
