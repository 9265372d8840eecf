package templates

import (
	"cmp"
	"time"
)

// Initial is how many posts the first HTML holds. The script requests as many when it has
// missed too many to catch up.
const Initial = 30

// Page is what the timeline shows besides its cards.
type Page struct {
	Site     string
	Title    string // of the page; empty for the words "title"
	Lang     string // "en" or "ja"
	Theme    string // "auto", "light" or "dark"; empty is auto
	Density  string // "comfortable" or "compact"; empty is comfortable
	Sample   bool   // the posts are a recording, and the page says so
	Epoch    string
	Offset   uint64   // of the newest event the cards know about
	Cards    []string // newest first, each Placed and put into Lang
	Sources  []string // each a Source, put into Lang
	Networks []string // that the posts are from; of two and more each post shows its mark
	Before   string   // the position before which the cards end; empty if they are the newest
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
func (p Page) heading() string { return cmp.Or(p.Title, say(p.Lang, "title")) }

// fullTitle is the title of the browser's window.
func (p Page) fullTitle() string {
	if p.Title == "" {
		return p.Site
	}
	return p.Title + " · " + p.Site
}

// mode tells the page of the newest posts, which is live, from one of older posts.
func (p Page) mode() string {
	if p.Before != "" {
		return "older"
	}
	return "timeline"
}

// SourceLine is how a source of posts is. Times are zero where there is none.
type SourceLine struct {
	Key      string    // identifies it among the others
	Called   string    // its name; empty for a recording
	State    string    // connecting, live, waiting, stopped or finished
	Fault    string    // the class of what is wrong, as in the words "fail-…"; empty if nothing is
	Retry    time.Time // when it is tried again
	Lost     uint64    // posts left out
	From, To time.Time // of the newest gap
}

// word is the key of what is said of the source; empty if it is live.
func (s SourceLine) word() string {
	switch {
	case s.Fault != "":
		return "fail-" + s.Fault
	case s.State != "live":
		return "source-" + s.State
	}
	return ""
}

// Problem is a page that says what went wrong.
type Problem struct {
	Site, Lang, Theme string
	Home              string // the address that it links to
	Status            int    // of the response: 404, 503, …
	RequestID         string // as in the log; empty if there is none
	Assets            Assets
}

// Assets are the addresses of the static files, as the static package names them.
type Assets struct {
	Style   string
	Script  string
	Icon    string
	Waiting string // the icon while posts wait
	Touch   string // the icon on a home screen
	Shared  string // the picture that other sites show with a link to the page
}
