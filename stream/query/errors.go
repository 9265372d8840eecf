package query

import "fmt"

// Kind is the kind of an error in a query.
type Kind string

// The kinds of errors.
const (
	TooLong     Kind = "too_long"     // the query has more than MaxBytes, as it is or in canonical form
	TooMany     Kind = "too_many"     // the query has more than MaxClauses
	Unclosed    Kind = "unclosed"     // a quotation mark without a second one
	Empty       Kind = "empty"        // nothing after a sign such as "#", or between quotation marks
	UnknownHas  Kind = "unknown_has"  // has: and a value that isn't known
	UnknownIs   Kind = "unknown_is"   // the same for is:
	UnknownLang Kind = "unknown_lang" // lang: and a value that is no language tag

	UnknownDomain Kind = "unknown_domain" // domain: and a value that is no name of a host
)

// Error is an error in a query.
type Error struct {
	Kind Kind
	At   int    // characters of the query before Part
	Part string // of the query; empty if the error is in the whole query
}

// wanted says what each kind of error wants, in English.
var wanted = map[Kind]string{
	TooLong:     fmt.Sprintf("the query is too long, want at most %d bytes", MaxBytes),
	TooMany:     fmt.Sprintf("too many words, want at most %d", MaxClauses),
	Unclosed:    "the quotation mark has no end",
	Empty:       "nothing follows it",
	UnknownHas:  "want has:media, has:link, has:poll or has:quote",
	UnknownIs:   "want is:reply, is:repost, is:sensitive or is:bot",
	UnknownLang: "want a language such as lang:ja",

	UnknownDomain: "want a domain such as domain:example.com",
}

func (e *Error) Error() string {
	if e.Part == "" {
		return wanted[e.Kind]
	}
	return fmt.Sprintf("%s, at character %d: %s", e.Part, e.At+1, wanted[e.Kind])
}
