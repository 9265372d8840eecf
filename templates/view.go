package templates

import (
	"strconv"
	"strings"
)

// ViewKind is the kind of a view, as in the keys "view-…" of the words.
type ViewKind string

// The kinds of views. All except Everything and Matching have paths of their own.
const (
	Everything ViewKind = ""
	Matching   ViewKind = "view-matching"
	Tagged     ViewKind = "view-tag"
	ByAuthor   ViewKind = "view-author"
	FromSource ViewKind = "view-source"
	InLanguage ViewKind = "view-lang"
	OnePost    ViewKind = "view-post" // Value is the name of the author

	// The terms of package query that begin with "has:" and "is:" have kinds, too, such as "view-has:media".
)

// View says which posts a page shows.
type View struct {
	Kind   ViewKind
	Text   string // the query, as the reader wrote it or as the address stands for it
	Value  string // the tag, the handle, the network or the language, if the kind has one
	Source string // the name of the network, or of the author's network; empty if it isn't known
}

// heading is the title of the view in a language.
func (v View) heading(lang string) string {
	switch v.Kind {
	case Everything:
		return phrase(lang, "title")
	case Matching:
		return filled(lang, v.Kind, "q", v.Text)
	case OnePost:
		if v.Value == "" {
			return phrase(lang, "nobody")
		}
	case ByAuthor:
		name := "@" + v.Value
		if v.Source != "" {
			name += " (" + v.Source + ")"
		}
		return filled(lang, v.Kind, "q", name)
	case FromSource:
		return filled(lang, v.Kind, "q", Network{ID: v.Value, Name: v.Source}.label(lang))
	case InLanguage:
		return filled(lang, v.Kind, "q", languageName(lang, v.Value))
	}
	return filled(lang, v.Kind, "q", v.Value)
}

// filled returns a text in which a value takes the place of its name in braces.
func filled[K ~string](lang string, key K, pairs ...string) string {
	text := phrase(lang, string(key))
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// counted returns the text for a number, with the number and another one filled in. The key lacks
// its ending -one or -other.
func counted(lang, key string, n, of int) string {
	ending := "-other"
	if n == 1 && lang != "ja" {
		ending = "-one"
	}
	return filled(lang, key+ending, "n", grouped(n), "of", grouped(of))
}

// grouped writes a number with a comma between groups of three digits, as both languages do.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
