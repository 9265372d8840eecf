package templates

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// AdminPages are the pages of the moderators, by the rest of their addresses.
var AdminPages = []string{"", "screens", "rules", "sources", "log"}

// Admin is what all pages of the moderators have in common.
type Admin struct {
	Site, Version string
	Lang, Theme   string // as of Page
	Assets        Assets
	Marks         []Network // all networks of posts

	Name    string // of the moderator
	Page    string // one of AdminPages
	Form    string // authorizes forms of this session
	Once    string // number of this page, so that a form that is sent again has no effect
	Notice  AdminNotice
	Mode    string // off, after or before
	Delay   int    // seconds after which a post is shown by itself; 0: never
	Screen  string // "", "freeze" or "blank"
	Durable bool   // what moderators decide survives a restart

	// The addresses that the page or its script needs.
	Home                  string // of the public page
	Root                  string // of the pages of the moderators
	Socket, Events, Lines string // as of Page; Events and Lines have "{channel}" in place of a channel
	Channel, Desk         string // channels of the public posts, and of those that are held
}

// AdminNotice says what has become of the form before.
type AdminNotice struct {
	Done  string // the action that was carried out; empty: none was
	Undo  string // entry of the audit; empty: it can't be undone
	Wrong string // what is wrong with the form, as in the keys "act-…" and "login-…"; empty: nothing is
	Text  string // the same in English
}

func (n AdminNotice) isZero() bool { return n == AdminNotice{} }

// words returns the text of the notice.
func (n AdminNotice) words(lang string) string {
	key := "act-" + n.Wrong
	switch _, known := byKey[key]; {
	case strings.HasPrefix(n.Wrong, "login-"):
		return phrase(lang, n.Wrong)
	case n.Wrong == "":
		return phrase(lang, "did-"+n.Done)
	case !known:
		key = "act-wrong"
	}
	return filled(lang, key, "q", n.Text)
}

// address returns the address of a page or of a form of the moderators.
func (p Admin) address(rest string) string { return strings.TrimSuffix(p.Root+"/"+rest, "/") }

// choosing returns the address that sets a preference and leads back to this page.
func (p Admin) choosing(preference string) string { return p.address(p.Page) + "?" + preference }

// title is the title of the page.
func (p Admin) title() string {
	if p.Page == "" {
		return phrase(p.Lang, "admin-posts")
	}
	return phrase(p.Lang, "admin-"+p.Page)
}

// modeWords says which posts wait.
func (p Admin) modeWords() string {
	if p.Mode == "before" && p.Delay > 0 {
		return filled(p.Lang, "mode-delay", "s", strconv.Itoa(p.Delay))
	}
	return phrase(p.Lang, "mode-"+p.Mode)
}

// AdminPost is a post in a list of the desk.
type AdminPost struct {
	ID, HTML string // HTML has been through Translate
	Why      string // as of stream.Decision; empty: the post is public
	By       string
	At       time.Time
	Pinned   bool
}

// AdminLists are the posts of the desk, and the positions from which the script continues.
type AdminLists struct {
	Waiting, Shown, Hidden []AdminPost // Shown has those that stay on top first, then the newest first, as Hidden
	Newest                 bool        // Waiting has the newest first; otherwise the oldest
	Queued                 int         // number of posts that wait, which can be more than Waiting has
	Uncounted              bool        // still more wait than Queued
	Down                   []string    // HTML of the sources, as in Page; the style sheet shows those with a fault
	Public, Held           AdminPosition
}

// AdminPosition is a position in the log of a channel.
type AdminPosition struct {
	Epoch  string
	Offset uint64
}

// whyRate matches the reason of a post whose author has posted too many.
var whyRate = regexp.MustCompile(`^more than (\d+) posts a minute$`)

// why says in words why a post is held. The script does the same in static/reasons.js.
func (p AdminPost) why(lang string) string {
	kind, detail, _ := strings.Cut(p.Why, ": ")
	if most := whyRate.FindStringSubmatch(p.Why); most != nil {
		kind, detail = "rate", most[1]
	} else if p.Why == "the same words as another post" {
		kind = "double"
	}
	key := "why-" + kind
	if kind == "moderator" && detail != "" {
		key = "why-reason"
	}
	if _, known := byKey[key]; !known {
		return p.Why
	}
	return filled(lang, key, "q", detail)
}

// blocked reports whether the post is hidden because its author is blocked.
func (p AdminPost) blocked() bool { return strings.HasPrefix(p.Why, "author: ") }

// adminData is the data for the script: all texts that it can show.
func adminData(lang string) templ.Attributes {
	data := wordData(lang)
	for _, w := range adminWords {
		data["data-"+w.key] = phrase(lang, w.key)
	}
	return data
}

// cardName returns the id of the element that names the author of a card.
func cardName(html string) string {
	_, rest, _ := strings.Cut(html, `aria-labelledby="`)
	name, _, _ := strings.Cut(rest, `"`)
	id, _, _ := strings.Cut(name, " ")
	return id
}

// adminShortcuts are the keys of the pages of the moderators, each with the key of its words.
var adminShortcuts = [][2]string{
	{"a", "key-approve"}, {"h", "key-hide"}, {"b", "key-block"}, {"n", "key-pin"}, {"u", "key-undo"},
	{"↑ ↓ ← →", "key-move"}, {"f", "key-freeze"}, {"x", "key-blank"}, {"?", "key-help"},
}

// panicDo returns the action of the button that puts the screens into a state, or ends that.
func (p Admin) panicDo(state string) string {
	if p.Screen == state {
		return "resume"
	}
	return state
}

// screenKey returns the key of the text about the state of the screens.
func screenKey(state string) string {
	if state == "" {
		return "screens-now"
	}
	return "screens-" + state
}
