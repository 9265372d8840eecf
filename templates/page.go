package templates

import (
	"cmp"
	"time"
)

// Initial is how many posts a page has. The script requests as many after a gap that is too
// large to be filled.
const Initial = 30

// Network is a network that posts are from.
type Network struct {
	ID   string // chooses the mark
	Name string // empty for a recording, and for posts that were published here
}

// Page is the data of a page of posts.
type Page struct {
	Site     string
	Title    string // of the page; empty for the words "title"
	Lang     string // "en" or "ja"
	Theme    string // "auto", "light" or "dark"; empty is auto
	Density  string // "comfortable" or "compact"; empty is comfortable
	Sample   bool   // the posts are a recording, and the page says so
	Epoch    string
	Offset   uint64    // of the newest event that the cards include
	Cards    []string  // newest first, each after Placed and Translate
	Sources  []string  // each a Source after Translate
	Networks []Network // of the posts; if there are several, each post shows the mark of its network
	Before   string    // the position before which the cards end; empty if they are the newest
	Version  string
	Origin   string // of the site, as "https://example.com"; empty if unknown
	Assets   Assets

	// The addresses of the site that the page needs, or its script.
	Home        string // of the site's first page
	Path        string // of this page with its newest posts
	Older       string // of the older posts; empty if there are none
	OlderPrefix string // of older posts: before it lacks the position
	Manifest    string
	Channel     string // the name by which the script subscribes
	Socket      string // the WebSocket, for all channels
	Events      string // the channel's Server-Sent Events
	Lines       string // the channel's lines of JSON
}

// choosing is the address that sets a preference and leads back to this page. The preference
// is a query, as in "lang=ja".
func (p Page) choosing(preference string) string {
	if p.Before != "" {
		preference += "&before=" + p.Before
	}
	return p.Path + "?" + preference
}

// heading is the title of the page above its posts.
func (p Page) heading() string { return cmp.Or(p.Title, phrase(p.Lang, "title")) }

// fullTitle is the title of the browser's window.
func (p Page) fullTitle() string {
	if p.Title == "" {
		return p.Site
	}
	return p.Title + " · " + p.Site
}

// mode is "timeline" for the page of the newest posts, which is live, and "older" otherwise.
func (p Page) mode() string {
	if p.Before != "" {
		return "older"
	}
	return "timeline"
}

// SourceLine is the state of a source of posts. A time that doesn't apply is zero.
type SourceLine struct {
	Key      string    // identifies it among the others
	Name     string    // its name; empty for a recording
	State    string    // connecting, live, waiting, stopped or finished
	Fault    string    // the class of the fault, as in the words "fail-…"; empty if there is none
	Retry    time.Time // when it is tried again
	Lost     uint64    // posts left out
	From, To time.Time // of the newest gap
}

// word returns the key of the text about the source; empty if it is live.
func (s SourceLine) word() string {
	switch {
	case s.Fault != "":
		return "fail-" + s.Fault
	case s.State != "live":
		return "source-" + s.State
	}
	return ""
}

// Problem is the data of an error page.
type Problem struct {
	Site, Lang, Theme string
	Home              string // the address that it links to
	Status            int    // of the response: 404, 503, …
	RequestID         string // as in the log; empty if there is none
	Assets            Assets
}

// Assets are the addresses of the static files.
type Assets struct {
	Style   string
	Script  string
	Icon    string
	Waiting string // the icon while posts wait
	Touch   string // the icon on a home screen
	Shared  string // the picture that other sites show with a link to the page
}
