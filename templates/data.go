package templates

import (
	"strconv"

	"github.com/a-h/templ"
)

// wordData hands the words that the script says, and those it puts into cards, to it.
func wordData(lang string) templ.Attributes {
	data := templ.Attributes{}
	for _, w := range words {
		data["data-"+w.key] = say(lang, w.key)
	}
	return data
}

// errorKey is the key of the words for a status.
func (p Problem) errorKey() string {
	key := "error-" + strconv.Itoa(p.Status)
	if _, known := byKey[key]; known {
		return key
	}
	return "error"
}

func orAuto(theme string) string {
	if theme == "" {
		return "auto"
	}
	return theme
}

func orComfortable(density string) string {
	if density == "" {
		return "comfortable"
	}
	return density
}

// current marks the chosen one of several links.
func current(chosen bool) templ.Attributes {
	if chosen {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

// feedRole makes a feed of a list that has posts.
func feedRole(p Page) templ.Attributes {
	if len(p.Cards) == 0 {
		return nil
	}
	return templ.Attributes{"role": "feed"}
}

// feedMarks lets the feed show the mark of each post's network. On a page of one
// network the marks would all be the same.
func feedMarks(p Page) templ.Attributes {
	if len(p.Networks) < 2 {
		return nil
	}
	return templ.Attributes{"data-marks": true}
}

// schemeMedia is the media query under which the browser's frame takes the colour of
// a scheme. A chosen theme takes precedence over the system's scheme.
func schemeMedia(theme, scheme string) string {
	switch orAuto(theme) {
	case "auto":
		return "(prefers-color-scheme: " + scheme + ")"
	case scheme:
		return "all"
	}
	return "not all"
}

// networkName is the name of a network in the legend of the marks.
func networkName(lang, network string) string {
	switch network {
	case "bluesky":
		return "Bluesky"
	case "mastodon":
		return "Mastodon"
	case "x":
		return "X"
	case "twitter":
		return "Twitter"
	case "replay":
		return say(lang, "mark-replay")
	}
	return say(lang, "mark-post")
}

// shortcuts are the keys that the help lists, in the order of use.
var shortcuts = []struct{ keys, word string }{
	{"j", "key-next"},
	{"k", "key-previous"},
	{"Alt PgDn", "key-next"},
	{"Alt PgUp", "key-previous"},
	{".", "key-show"},
	{"p", "key-pause"},
	{"0", "key-top"},
	{"o", "key-open"},
	{"Enter", "key-enter"},
	{"x", "key-cover"},
	{"?", "key-help"},
	{"Ctrl Home", "key-before"},
	{"Ctrl End", "key-after"},
	{"Esc", "key-leave"},
}
