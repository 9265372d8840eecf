package templates

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// WrongQuery is a query that can't be read.
type WrongQuery struct {
	Text   string
	Faults []Fault // in the order of their parts, at least one
}

// Fault is what is wrong with a query.
type Fault struct {
	Kind string // as in the keys "wrong-…" of the words
	At   int    // characters of the query before Part
	Part string // of the query; empty if the whole query is wrong
	Most int    // the limit that is exceeded, if the kind is about one
}

// reason says what to write instead.
func (f Fault) reason(lang string) string {
	key := "wrong-" + f.Kind
	if f.Kind == "empty" && strings.Contains(f.Part, `"`) {
		key = "wrong-empty-phrase"
	}
	return filled(lang, key, "n", strconv.Itoa(f.Most), "e", f.Part+exampleAfter(f.Part), "q", f.Part)
}

// reasons says what to write instead, each only once.
func (q WrongQuery) reasons(lang string) (all []string) {
	for _, f := range q.Faults {
		if reason := f.reason(lang); !slices.Contains(all, reason) {
			all = append(all, reason)
		}
	}
	return all
}

// piece is a piece of a query.
type piece struct {
	text  string
	wrong bool
}

// pieces returns the query in pieces, or none if no part of it is wrong, but the whole.
func (q WrongQuery) pieces() (all []piece) {
	rest, at := []rune(q.Text), 0
	for _, f := range q.Faults {
		before, length := f.At-at, utf8.RuneCountInString(f.Part)
		if length == 0 || before < 0 || before+length > len(rest) {
			continue
		}
		all = append(all, piece{string(rest[:before]), false}, piece{f.Part, true})
		rest, at = rest[before+length:], f.At+length
	}
	if len(all) > 0 {
		all = append(all, piece{string(rest), false})
	}
	return all
}

// exampleAfter returns an example of what can follow a sign of the filter, such as "from:".
func exampleAfter(sign string) string {
	for suffix, example := range map[string]string{
		"from:": "mio", "@": "mio", "lang:": "ja", "source:": "bluesky", "domain:": "example.com", "has:": "media", "is:": "reply",
	} {
		if strings.HasSuffix(sign, suffix) {
			return example
		}
	}
	return "rain"
}

// syntaxExample is an example of what a filter can contain, in both languages, with the key of its meaning.
type syntaxExample struct{ en, ja, word string }

var filterSyntax = []syntaxExample{
	{`"harbour ferry"`, `"港の フェリー"`, "syntax-phrase"},
	{"#tag", "#タグ", "syntax-tag"},
	{"@mio", "@mio", "syntax-who"},
	{"from:mio", "from:mio", "syntax-from"},
	{"has:media", "has:media", "syntax-has"},
	{"is:reply", "is:reply", "syntax-is"},
	{"lang:ja", "lang:ja", "syntax-lang"},
	{"-rain", "-雨", "syntax-not"},
}

func (s syntaxExample) example(lang string) string {
	if lang == "ja" {
		return s.ja
	}
	return s.en
}

// address returns the address of the posts that match the example.
func (s syntaxExample) address(lang, home string) string {
	return home + "?q=" + url.QueryEscape(s.example(lang))
}

// wrongBox returns the attributes of the box whose text is wrong.
func wrongBox(wrong bool) templ.Attributes {
	if !wrong {
		return nil
	}
	return templ.Attributes{"autofocus": true, "aria-invalid": "true", "aria-describedby": "wrong"}
}
