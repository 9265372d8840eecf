package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nagare/stream/fold"
)

// Pattern is a word, a phrase, or a property that a post must have exactly.
type Pattern struct {
	word string // folded; empty if term is set
	term string // such as "tag:go"
}

// ParsePattern makes the pattern of a word or a phrase, or of a hashtag if it begins with "#".
func ParsePattern(text string) (Pattern, error) {
	word := folded(text)
	if tag, isTag := strings.CutPrefix(word, "#"); isTag {
		p := Pattern{term: Tag(tag)}
		switch {
		case p.term == "":
			return Pattern{}, errEmpty
		case strings.Contains(p.term, " "):
			return Pattern{}, fmt.Errorf("a space in the hashtag %q", text)
		}
		return p, nil
	}
	if word == "" {
		return Pattern{}, errEmpty
	}
	return Pattern{word: word}, nil
}

var errEmpty = errors.New("nothing in it")

// folded folds a text, without quotation marks, which delimit words.
func folded(text string) string {
	text = fold.Text(text)
	if strings.Contains(text, `"`) {
		text = fold.Text(strings.ReplaceAll(text, `"`, " "))
	}
	return text
}

// Matches reports whether a post has the pattern. The text is folded, and the terms are sorted.
func (p Pattern) Matches(text string, terms []string) bool {
	if p.term != "" {
		_, found := slices.BinarySearch(terms, p.term)
		return found
	}
	return contains(text, p.word)
}

// contains reports whether text contains word so that it begins and ends at word boundaries.
func contains(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		start := from + i
		if wordBegins(text, start) && wordEnds(text, start+len(word)) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = start + size
	}
}

// wordBegins reports whether a word can begin at byte i of text.
func wordBegins(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return !isSpaced(before) || !isSpaced(after)
}

// wordEnds reports whether a word can end at byte i of text. A Korean word can end anywhere,
// because particles are appended to it.
func wordEnds(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return unicode.Is(unicode.Hangul, before) || wordBegins(text, i)
}

// isSpaced reports whether r is part of a word in a script that separates words by spaces.
func isSpaced(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_') &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Bopomofo) && r != 'ー'
}
