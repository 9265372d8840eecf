package query

import (
	"slices"
	"strings"
)

// Query is what a reader asks for. A post must match every clause. The zero value matches every post.
type Query struct {
	clauses []clause // sorted by their canonical form, none twice
}

// clause is a pattern that a post must have, or must not have.
type clause struct {
	Pattern
	not bool
}

// IsZero reports whether q matches every post.
func (q Query) IsZero() bool { return len(q.clauses) == 0 }

// Matches reports whether a post matches. The text is folded, and the terms are sorted: package
// stream makes both.
func (q Query) Matches(text string, terms []string) bool {
	for _, c := range q.clauses {
		if c.Matches(text, terms) == c.not {
			return false
		}
	}
	return true
}

// Needs returns what the text of every match contains, and which terms every match has. A store can
// narrow its search by them.
func (q Query) Needs() (words, terms []string) {
	for _, c := range q.clauses {
		switch {
		case c.not:
		case c.term != "":
			terms = append(terms, c.term)
		default:
			words = append(words, c.word)
		}
	}
	return words, terms
}

// Term returns the term that q consists of, or "" if q isn't a single term that a post must have.
func (q Query) Term() string {
	if len(q.clauses) != 1 || q.clauses[0].not {
		return ""
	}
	return q.clauses[0].term
}

// String returns the canonical form of q.
func (q Query) String() string {
	parts := make([]string, len(q.clauses))
	for i, c := range q.clauses {
		parts[i] = c.String()
	}
	return strings.Join(parts, " ")
}

func (c clause) String() string {
	if c.not {
		return "-" + c.Pattern.String()
	}
	return c.Pattern.String()
}

// String returns the canonical form of p.
func (p Pattern) String() string {
	if p.term == "" {
		if _, prefix := splitPrefix(p.word); prefix != "" || strings.HasPrefix(p.word, "-") || strings.Contains(p.word, " ") {
			return `"` + p.word + `"`
		}
		return p.word
	}
	kind, value, _ := strings.Cut(p.term, ":")
	if strings.Contains(value, " ") {
		value = `"` + value + `"`
	}
	switch kind {
	case "tag":
		return "#" + value
	case "who":
		return "@" + value
	}
	return kind + ":" + value
}

// canonical sorts clauses and removes repeated ones.
func canonical(clauses []clause) Query {
	slices.SortFunc(clauses, func(a, b clause) int { return strings.Compare(a.String(), b.String()) })
	return Query{slices.Compact(clauses)}
}
