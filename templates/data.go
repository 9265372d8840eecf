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

// schemeMedia lets a colour of the browser's frame depend on the system only if nobody chose.
func schemeMedia(theme, scheme string) string {
	if orAuto(theme) == "auto" {
		return "(prefers-color-scheme: " + scheme + ")"
	}
	return "all"
}

// shortcuts are the keys that the help lists, in the order of use.
var shortcuts = []struct{ keys, word string }{
	{"j", "key-next"},
	{"k", "key-previous"},
	{".", "key-show"},
	{"p", "key-pause"},
	{"0", "key-top"},
	{"o", "key-open"},
	{"x", "key-cover"},
	{"?", "key-help"},
	{"Esc", "key-leave"},
}
