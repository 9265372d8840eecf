package templates

import (
	"strings"
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
	View     View
	Lang     string // "en" or "ja"
	Theme    string // "auto", "light" or "dark"; empty is auto
	Density  string // "comfortable" or "compact"; empty is comfortable
	Sample   bool   // whether the posts are a recording, which the page then says
	Epoch    string
	Offset   uint64    // of the newest event that the cards include
	Cards    []string  // as HTML, newest first; each has been through Placed and Translate
	Pinning  bool      // the page has a place for pinned posts
	Pins     []string  // as HTML, the newest pin first; each has been through Placed, Translate and Pinned
	Sources  []string  // as HTML: each is a Source that has been through Translate
	Networks []Network // of the posts; if there are several, each post shows the mark of its network
	Marks    []Network // all networks whose posts can arrive while the page is open
	Version  string
	Origin   string // of the site, as "https://example.com"; empty if unknown
	Assets   Assets

	Filter   string // the query in canonical form, by which the script subscribes; empty: all posts
	Held     int    // posts in the log, which has the newest
	Matching int    // of these, how many match the filter

	Past       bool      // the page shows older posts, and stays as it is
	Until      time.Time // of a page of the past, the moment that its posts precede, if it was asked for
	Incomplete bool      // older posts could not be looked up
	Day        *Day      // nil if the numbers of posts are not known

	Post       *Permalink  // the first post, on the page of one post; otherwise nil
	Alternates []Alternate // other forms of the page

	// The addresses that the page or its script needs.
	Home        string // of the site's first page
	Path        string // of this view with its newest posts
	Here        string // of this page
	Canonical   string // of this view, the same for all spellings of its address
	Older       string // of the next older posts; empty if there are none
	Newer       string // of the next newer posts, on a page of the past
	OlderPrefix string // of a page of older posts, without the position at its end
	Manifest    string
	Channel     string // the name by which the script subscribes
	Socket      string // the WebSocket, for all channels
	Events      string // the channel's Server-Sent Events
	Lines       string // the channel's events as lines of JSON
	Log         string // the channel's log, which HTTP caches can carry
	Transport   string // by which the script follows: "websocket", or "poll" for the log
}

// choosing returns the address that sets a preference and leads back to this page. preference is a
// query such as "lang=ja".
func (p Page) choosing(preference string) string {
	if strings.Contains(p.Here, "?") {
		return p.Here + "&" + preference
	}
	return p.Here + "?" + preference
}

// feeds returns the feeds with the posts of the view, for the menu.
func (p Page) feeds() (feeds []Alternate) {
	for _, a := range p.Alternates {
		if !strings.HasSuffix(a.Type, "+oembed") {
			feeds = append(feeds, a)
		}
	}
	return feeds
}

// feedKey returns the key of the text that says which posts the feeds have.
func (p Page) feedKey() string {
	if p.Filter != "" {
		return "feed-view"
	}
	return "feed"
}

// heading is the title of the page above its posts.
func (p Page) heading() string { return p.View.heading(p.Lang) }

// namesMoment reports whether the title of the page is the moment that it shows, because it shows all posts.
func (p Page) namesMoment() bool { return p.Past && p.Post == nil && p.View.Kind == Everything }

// Permalink is what the page of one post has besides its card.
type Permalink struct {
	Words  string // of the post, for other sites that link to it; empty if they may not show any
	Author string // the handle
	By     string // address of all posts by the author
}

// title is the title of the author's other posts.
func (p Permalink) title(lang string) string { return filled(lang, "others", "q", "@"+p.Author) }

// description is the title of the page with the moment that it shows.
func (p Page) description() string {
	moment := phrase(p.Lang, "past")
	if !p.Until.IsZero() {
		moment = phrase(p.Lang, "past-until") + " " + full(p.Until)
	}
	switch {
	case p.Post != nil && p.Post.Words != "":
		return p.Post.Words
	case p.Post != nil || !p.Past:
		return p.heading()
	case p.namesMoment():
		return moment
	}
	return p.heading() + " · " + moment
}

// fullTitle is the title of the browser's window.
func (p Page) fullTitle() string {
	switch {
	case p.Post != nil:
		return p.heading() + " · " + p.Site
	case p.View.Kind == Everything && !p.Past:
		return p.Site
	}
	return p.description() + " · " + p.Site
}

// emptyKeys returns the keys of the texts of a page without posts.
func (p Page) emptyKeys() (words, hint string) {
	switch {
	case p.Past:
		return "none-past", ""
	case p.Filter != "":
		return "none", "none-hint"
	}
	return "empty", "listening"
}

// withoutTags returns the query of the page with words in place of its hashtags, or an empty text if it has none
// or the posts are of the past.
func (p Page) withoutTags() string {
	if p.Past || !strings.Contains(p.View.Text, "#") {
		return ""
	}
	return strings.ReplaceAll(p.View.Text, "#", "")
}

// atEnd reports whether the page ends where the posts of the site end.
func (p Page) atEnd() bool {
	return p.Older == "" && !p.Incomplete && len(p.Cards) > 0 && p.Post == nil
}

// mode is "timeline" for the page of the newest posts, which is live, and "older" otherwise.
func (p Page) mode() string {
	if p.Past {
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
	Site, Lang, Theme, Density string

	Home      string // the address of the link back to the posts
	Here      string // of the page, if preferences can be set there
	Status    int    // of the response: 404, 503, …
	RequestID string // the same as in the log; empty if there is none
	Assets    Assets
}

// Assets are the addresses of the static files.
type Assets struct {
	Style   string
	Script  string
	Icon    string
	Waiting string // the icon while posts wait
	Touch   string // the icon on a home screen
	Shared  string // the picture that other sites show with a link to the page
	Brand   string // the style sheet of the operator; empty: none
	Logo    string // in place of the seal; empty: none

	PinsStyle, PinsScript   string // of pages with pinned posts: besides Style, and in place of Script
	AdminStyle, AdminScript string // of the pages of the moderators, besides Style
}
