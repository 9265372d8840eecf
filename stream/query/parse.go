package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nagare/stream/fold"
)

// The limits of a query.
const (
	MaxBytes   = 256
	MaxClauses = 16
)

// prefixes are the beginnings of clauses that are no words.
var prefixes = []string{"#", "@", "from:", "lang:", "source:", "domain:", "has:", "is:"}

// Parse parses a query. An error is an *[Error], the first of its Faults.
func Parse(text string) (Query, error) {
	q, faults := parse(text)
	if len(faults) > 0 {
		return Query{}, faults[0]
	}
	return q, nil
}

// Faults returns the errors in a query, in the order of their parts.
func Faults(text string) []*Error {
	_, faults := parse(text)
	return faults
}

func parse(text string) (Query, []*Error) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) > MaxBytes {
		return Query{}, []*Error{{Kind: TooLong}}
	}
	p := parser{text: text, rest: text}
	for p.skipSpace(); p.rest != ""; p.skipSpace() {
		p.clause()
	}
	q := canonical(p.clauses)
	if len(q.String()) > MaxBytes {
		return Query{}, []*Error{{Kind: TooLong}}
	}
	return q, p.faults
}

// parser parses a query clause by clause.
type parser struct {
	text    string
	rest    string // of text
	clauses []clause
	faults  []*Error
}

func (p *parser) skipSpace() { p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace) }

// clause parses one clause and adds it, or what is wrong with it.
func (p *parser) clause() {
	begin := p.rest
	var c clause
	c.not = p.skipMinus()
	var prefix, value string
	p.rest, prefix = splitPrefix(p.rest)
	value, quoted, closed := p.value()
	part := begin[:len(begin)-len(p.rest)]
	kind := Unclosed
	if closed {
		c.Pattern, kind = patternOf(prefix, value)
	}
	switch {
	case kind == Empty && prefix == "" && !c.not && !quoted:
		return // only invisible characters
	case kind == "" && len(p.clauses) == MaxClauses:
		kind, p.rest = TooMany, "" // all others are too many, too
	}
	if kind != "" {
		at := utf8.RuneCountInString(p.text[:len(p.text)-len(begin)])
		p.faults = append(p.faults, &Error{Kind: kind, At: at, Part: part})
		return
	}
	p.clauses = append(p.clauses, c)
}

func (p *parser) skipMinus() bool {
	r, size := utf8.DecodeRuneInString(p.rest)
	if fold.Text(string(r)) != "-" {
		return false
	}
	p.rest = p.rest[size:]
	return true
}

// splitPrefix removes the prefix of a clause, in whatever width or case it is written.
func splitPrefix(text string) (rest, prefix string) {
	for _, prefix := range prefixes {
		end := 0
		for range len(prefix) { // one character for each
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		if fold.Text(text[:end]) == prefix {
			return text[end:], prefix
		}
	}
	return text, ""
}

// value removes the value of a clause: the text up to a space or a quotation mark, or between two
// quotation marks.
func (p *parser) value() (value string, quoted, closed bool) {
	first, size := utf8.DecodeRuneInString(p.rest)
	if !isQuote(first) {
		end := strings.IndexFunc(p.rest, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) })
		if end < 0 {
			end = len(p.rest)
		}
		value, p.rest = p.rest[:end], p.rest[end:]
		return value, false, true
	}
	p.rest = p.rest[size:]
	end := strings.IndexFunc(p.rest, isQuote)
	if end < 0 {
		p.rest = ""
		return "", true, false
	}
	_, size = utf8.DecodeRuneInString(p.rest[end:])
	value, p.rest = p.rest[:end], p.rest[end+size:]
	return value, true, true
}

// isQuote reports whether r is a quotation mark, also a typographic one, which phones write.
func isQuote(r rune) bool { return r == '"' || r >= utf8.RuneSelf && fold.Text(string(r)) == `"` }

// patternOf makes the pattern of a clause. The kind is that of an error, or empty.
func patternOf(prefix, value string) (p Pattern, kind Kind) {
	switch prefix {
	case "":
		p.word = folded(value)
	case "#":
		p.term = Tag(value)
	case "@":
		p.term = term("who:", handleValue(value))
	case "from:":
		p.term = term(prefix, handleValue(value))
	case "source:":
		p.term = Source(value)
	case "domain:":
		if p.term = term(prefix, hostOf(value)); p.term == "" && folded(value) != "" {
			return p, UnknownDomain
		}
	case "lang:":
		p.term = term(prefix, langValue(value))
	default:
		p.term = term(prefix, folded(value))
	}
	switch {
	case p == Pattern{}:
		return p, Empty
	case prefix == "lang:" && !IsLanguage(p.term[len(prefix):]):
		return p, UnknownLang
	case prefix == "has:" && !slices.Contains([]string{HasMedia, HasLink, HasPoll, HasQuote}, p.term):
		return p, UnknownHas
	case prefix == "is:" && !slices.Contains([]string{IsReply, IsRepost, IsSensitive, IsBot}, p.term):
		return p, UnknownIs
	}
	return p, ""
}

// IsLanguage reports whether a text, in lower case, has the form of a language tag, of BCP 47.
func IsLanguage(tag string) bool {
	first := true
	for part := range strings.SplitSeq(tag, "-") {
		isOther := func(r rune) bool { return (r < 'a' || r > 'z') && (first || r < '0' || r > '9') }
		if part == "" || len(part) > 8 || first && len(part) < 2 || strings.ContainsFunc(part, isOther) {
			return false
		}
		first = false
	}
	return true
}
