package stream

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// folded normalizes a text for comparison. Case, width, the difference between hiragana and
// katakana, and the kind of white space are removed, as are invisible characters.
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

// FoldTag normalizes a hashtag for comparison, with or without its "#". Accents of Latin
// letters are removed, as on Mastodon.
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
	tag  bool   // text is a hashtag, without "#"
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

// haystack is the part of a post that is searched: its warning and text, folded, and its
// hashtags.
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

// has reports whether the post contains p. A hashtag must be equal to p; a word or phrase must
// begin and end at word boundaries.
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
