package templates

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// FilterError says what is wrong with a query.
type FilterError struct {
	Text string // the query
	Kind string // as in the keys "wrong-…" of the words
	At   int    // characters before Part
	Part string // of the query; empty if the error is in the whole query
	Most int    // the limit that is exceeded, if the kind is about one
}

func (f FilterError) heading(lang string) string { return phrase(lang, "wrong") }

// reason says what to write instead.
func (f FilterError) reason(lang string) string {
	key := "wrong-" + f.Kind
	if f.Kind == "empty" && strings.Contains(f.Part, `"`) {
		key = "wrong-empty-phrase"
	}
	return filled(lang, key, "n", strconv.Itoa(f.Most), "e", f.Part+exampleAfter(f.Part), "q", f.Part)
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

// filterSyntax lists what a filter can contain, each as an example with the key of its meaning.
var filterSyntax = []struct{ example, word string }{
	{`"harbour ferry"`, "syntax-phrase"},
	{"#tag", "syntax-tag"},
	{"@mio", "syntax-who"},
	{"from:mio", "syntax-from"},
	{"has:media", "syntax-has"},
	{"is:reply", "syntax-is"},
	{"lang:ja", "syntax-lang"},
	{"-rain", "syntax-not"},
}

// wrongBox returns the attributes of the box whose text is wrong.
func wrongBox(wrong bool) templ.Attributes {
	if !wrong {
		return nil
	}
	return templ.Attributes{"autofocus": true, "aria-invalid": "true", "aria-describedby": "wrong"}
}

// before returns what precedes the wrong part.
func (f FilterError) before() string {
	end := 0
	for range f.At {
		_, size := utf8.DecodeRuneInString(f.Text[end:])
		end += size
	}
	return f.Text[:end]
}

// after returns what follows the wrong part.
func (f FilterError) after() string {
	return f.Text[min(len(f.before())+len(f.Part), len(f.Text)):]
}
