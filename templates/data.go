package templates

import (
	"strconv"

	"github.com/a-h/templ"
)

// wordData returns the words of the page as data attributes, for the script.
func wordData(lang string) templ.Attributes {
	data := templ.Attributes{}
	for _, w := range words {
		data["data-"+w.key] = phrase(lang, w.key)
	}
	return data
}

// errorKey returns the key of the text about the status of the response.
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

// current returns the attribute that marks a link as the chosen one of its group.
func current(chosen bool) templ.Attributes {
	if chosen {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

// feedRole returns the role "feed" for a list that has posts, because ARIA requires a feed to
// have articles.
func feedRole(p Page) templ.Attributes {
	if len(p.Cards) == 0 {
		return nil
	}
	return templ.Attributes{"role": "feed"}
}

// feedMarks returns the attribute by which the style sheet shows the mark of each post's network.
// If all posts are from one network, it returns none.
func feedMarks(p Page) templ.Attributes {
	if len(p.Networks) < 2 {
		return nil
	}
	return templ.Attributes{"data-marks": true}
}

// schemeMedia returns the media query under which the browser's frame has the colour of a colour
// scheme. The theme that the reader chose takes precedence over the system's scheme.
func schemeMedia(theme, scheme string) string {
	switch orAuto(theme) {
	case "auto":
		return "(prefers-color-scheme: " + scheme + ")"
	case scheme:
		return "all"
	}
	return "not all"
}

// label returns the name of the network for the list in the menu that explains the marks.
func (n Network) label(lang string) string {
	switch {
	case n.Name != "":
		return n.Name
	case n.ID == "replay":
		return phrase(lang, "mark-replay")
	}
	return phrase(lang, "mark-post")
}

// shortcuts are the keys that the help lists, in this order. All keys of one row do the same.
var shortcuts = []struct {
	word string
	keys []string
}{
	{"key-next", []string{"j", "Alt+PgDn"}},
	{"key-previous", []string{"k", "Alt+PgUp"}},
	{"key-show", []string{"."}},
	{"key-pause", []string{"p"}},
	{"key-top", []string{"0"}},
	{"key-open", []string{"o"}},
	{"key-enter", []string{"Enter"}},
	{"key-cover", []string{"x"}},
	{"key-filter", []string{"/"}},
	{"key-help", []string{"?"}},
	{"key-before", []string{"Ctrl+Home"}},
	{"key-after", []string{"Ctrl+End"}},
	{"key-leave", []string{"Esc"}},
}
