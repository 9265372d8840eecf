package templates

import (
	"strconv"
	"unicode/utf8"
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

func (f FilterError) reason(lang string) string {
	return filled(lang, "wrong-"+f.Kind, "n", strconv.Itoa(f.Most))
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
