package templates

import (
	"cmp"
	"time"
)

// Initial is the number of posts on a page. The script requests the same number after a gap that
// is too large to be filled.
const Initial = 30

// Network is a network that posts are from. A recording ("replay"), and the posts published through
// the server's API ("post"), count as networks without a name; the page itself defines their marks.
type Network struct {
	ID   string
	Name string
	Mark string // SVG shapes in a square of 12 by 12
}

// Page is the data of a page of posts.
type Page struct {
	Site     string
	Title    string // of the page; empty for the text with the key "title"
	Lang     string // "en" or "ja"
	Theme    string // "auto", "light" or "dark"; empty is auto
	Density  string // "comfortable" or "compact"; empty is comfortable
	Sample   bool   // whether the posts are a recording, which the page then says
	Epoch    string
	Offset   uint64    // of the newest event that the cards include
	Cards    []string  // as HTML, newest first; each has been through Placed and Translate
	Sources  []string  // as HTML: each is a Source that has been through Translate
	Networks []Network // of the posts; if there are several, each post shows the mark of its network
	Marks    []Network // all networks whose posts can arrive while the page is open
	Before   string    // on a page of older posts, the position that all cards precede; otherwise empty
	Version  string
	Origin   string // of the site, as "https://example.com"; empty if unknown
	Assets   Assets

	Alternates []Alternate // other forms of the page

	// The addresses that the page or its script needs.
	Home        string // of the site's first page
	Path        string // of this page with its newest posts
	Older       string // of the next older posts; empty if there are none
	OlderPrefix string // of a page of older posts, without the position at its end
	Manifest    string
	Channel     string // the name by which the script subscribes
	Socket      string // the WebSocket, for all channels
	Events      string // the channel's Server-Sent Events
	Lines       string // the channel's events as lines of JSON
}

// choosing returns the address that sets a preference and leads back to this page. preference is a
// query such as "lang=ja".
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
	Key      string    // identifies the source on the page
	Name     string    // empty for a recording
	State    string    // connecting, live, silent, waiting, stopped or finished
	Fault    string    // the class of the fault, as in the keys "fail-…"; empty if there is none
	Retry    time.Time // when the server next tries to connect
	Lost     uint64    // number of posts left out
	From, To time.Time // of the newest gap
}

// word returns the key of the text about the source; empty if it is live and has no fault.
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
	Home              string // the address of the link back to the posts
	Status            int    // of the response: 404, 503, …
	RequestID         string // the same as in the log; empty if there is none
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
