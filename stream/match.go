package stream

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// folded normalizes a text for comparison: case, width, hiragana and katakana, and white
// space make no difference, and invisible characters are removed.
func folded(text string) string {
	text = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	text = strings.Map(func(r rune) rune {
		switch {
		case 'ァ' <= r && r <= 'ヶ', r == 'ヽ', r == 'ヾ':
			return r - ('ァ' - 'ぁ')
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// FoldTag normalizes a hashtag for comparison, with or without its sign. As on Mastodon, the
// accents of Latin letters make no difference.
func FoldTag(tag string) string {
	latin := false
	unaccented := strings.Map(func(r rune) rune {
		if !unicode.Is(unicode.Mn, r) {
			latin = unicode.Is(unicode.Latin, r)
		} else if latin {
			return -1
		}
		return r
	}, norm.NFKD.String(folded(tag)))
	return strings.TrimPrefix(norm.NFKC.String(unaccented), "#")
}

// pattern is a word, a phrase or a hashtag to search for.
type pattern struct {
	text string // folded
	tag  bool   // text is a hashtag, without its sign
}

func patterns(words []string) []pattern {
	var out []pattern
	for _, word := range words {
		text := folded(word)
		tag, isTag := strings.CutPrefix(text, "#")
		if isTag {
			tag = FoldTag(tag)
		}
		if tag != "" {
			out = append(out, pattern{tag, isTag})
		}
	}
	return out
}

// haystack is the text of a post to search in, with its warning.
type haystack struct {
	text string
	tags []string
}

func newHaystack(p *Post) haystack {
	if p == nil {
		return haystack{}
	}
	h := haystack{text: folded(p.Warning + "\n" + PlainText(p.Text))}
	for _, s := range p.Text {
		if s.Kind == Hashtag {
			h.tags = append(h.tags, FoldTag(s.Text))
		}
	}
	for _, tag := range p.Tags {
		h.tags = append(h.tags, FoldTag(tag))
	}
	return h
}

// has reports whether p is in the post: a hashtag as a whole, a word or phrase at word
// boundaries.
func (h haystack) has(p pattern) bool {
	if p.tag {
		for _, tag := range h.tags {
			if tag == p.text {
				return true
			}
		}
		return false
	}
	for from := 0; ; {
		i := strings.Index(h.text[from:], p.text)
		if i < 0 {
			return false
		}
		start := from + i
		end := start + len(p.text)
		if wordBegins(h.text, start) && wordEnds(h.text, end) {
			return true
		}
		_, size := utf8.DecodeRuneInString(h.text[start:])
		from = start + size
	}
}

// wordBegins reports whether i is a word boundary. Korean appends particles to its words,
// so there only the beginning counts.
func wordBegins(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return !isSpaced(before) || !isSpaced(after)
}

func wordEnds(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return unicode.Is(unicode.Hangul, before) || wordBegins(text, i)
}

// isSpaced reports whether r is part of a word in a script that separates words by spaces.
func isSpaced(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_') &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Bopomofo) && r != 'ー'
}
