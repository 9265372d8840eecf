package web

import (
	"strings"

	"nagare/hub"
)

// The paths of the site. Handlers and pages take them from this file, and the script takes
// them from the data attributes of the page.
const (
	// HealthPath answers with 200 while the process is alive.
	HealthPath = "/healthz"

	readyPath    = "/readyz"
	versionPath  = "/version"
	manifestPath = "/manifest.webmanifest"
	socketPath   = "/websocket"
	homePath     = "/" // of the page with all posts
)

// eventsPath is the path of a channel's Server-Sent Events.
func eventsPath(channel string) string { return "/" + channel + "/events" }

// linesPath is the path of a channel's lines of JSON.
func linesPath(channel string) string { return "/" + channel + ".ndjson" }

// publishPath is the path at which a post is published on a channel.
func publishPath(channel string) string { return "/" + channel }

// postPattern matches the path at which a published post is deleted, for http.ServeMux.
func postPattern(channel string) string { return publishPath(channel) + "/{id}" }

// beforeParam is the query parameter that holds the position before which the posts of a
// page end.
const beforeParam = "before"

// olderPath is the path of the view's page whose posts end before a position.
func (v View) olderPath(position string) string { return v.olderPrefix() + position }

// olderPrefix is olderPath without the position, which the script appends.
func (v View) olderPrefix() string { return v.Path + "?" + beforeParam + "=" }

// pathBefore is the path of the view's page whose posts end before a position, or of the
// newest posts if before isn't a position.
func (v View) pathBefore(before string) string {
	if _, err := hub.ParsePosition(before); err != nil {
		return v.Path
	}
	return v.olderPath(before)
}

// pattern matches the path of the view and no path below it, for http.ServeMux.
func (v View) pattern() string {
	if strings.HasSuffix(v.Path, "/") {
		return v.Path + "{$}"
	}
	return v.Path
}
