package web

import (
	"strings"

	"nagare/hub"
)

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
)

// eventsPath is the path of a channel's Server-Sent Events.
func eventsPath(channel string) string { return "/" + channel + "/events" }

// linesPath is the path of a channel's lines of JSON.
func linesPath(channel string) string { return "/" + channel + ".ndjson" }

// logPath is the path of a channel's log, which HTTP caches can carry: see package durable.
func logPath(channel string) string { return "/log/" + channel }

// publishPath is the path at which a post is published on a channel.
func publishPath(channel string) string { return "/" + channel }

// postPattern matches the path at which a published post is deleted, for http.ServeMux.
func postPattern(channel string) string { return publishPath(channel) + "/{id}" }

// beforeParam is the query parameter for older posts: a page shows the posts before the position
// that it holds.
const beforeParam = "before"

// olderPath returns the path of the view's page with the posts before a position.
func (v View) olderPath(position string) string { return v.olderPrefix() + position }

// olderPrefix returns olderPath without the position, which the script appends.
func (v View) olderPrefix() string { return v.Path + "?" + beforeParam + "=" }

// pathBefore returns the path of the view's page with the posts before a position. If before isn't
// a position, it returns the path of the page with the newest posts.
func (v View) pathBefore(before string) string {
	if _, err := hub.ParsePosition(before); err != nil {
		return v.Path
	}
	return v.olderPath(before)
}

// pattern returns the pattern for http.ServeMux that matches the path of the view, but no path
// below it.
func (v View) pattern() string {
	if strings.HasSuffix(v.Path, "/") {
		return v.Path + "{$}"
	}
	return v.Path
}
