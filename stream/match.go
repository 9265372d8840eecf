package stream

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// folded is text in the form in which texts are compared: it makes no difference
// whether a letter is large or small, wide or narrow, hiragana or katakana, whether
// white space is a space or a line's end, and what can't be seen is not there.
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

// pattern is a word that is looked for, a phrase, or a hashtag.
type pattern struct {
	text string // folded
	tag  bool   // text is a hashtag, without its mark
}

func patterns(words []string) []pattern {
	var out []pattern
	for _, word := range words {
		text := folded(word)
		tag, isTag := strings.CutPrefix(text, "#")
		if tag != "" {
			out = append(out, pattern{tag, isTag})
		}
	}
	return out
}

// haystack is a post to look for words in: what its author wrote, the warning too.
type haystack struct {
	text string
	tags []string
}

func newHaystack(t *Post) haystack {
	if t == nil {
		return haystack{}
	}
	h := haystack{text: folded(t.Warning + "\n" + PlainText(t.Text))}
	for _, s := range t.Text {
		if s.Kind == Hashtag {
			h.tags = append(h.tags, strings.TrimPrefix(folded(s.Text), "#"))
		}
	}
	return h
}

// has reports whether p is there: a hashtag as it is, a word or phrase between the
// bounds of words.
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

// wordBegins reports whether no word goes on over i. Korean puts particles behind
// its words, so there only the beginning tells.
func wordBegins(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return !isSpaced(before) || !isSpaced(after)
}

func wordEnds(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return unicode.Is(unicode.Hangul, before) || wordBegins(text, i)
}

// spaced reports whether r is part of a word in a script that puts spaces between
// words.
func isSpaced(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_') &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Bopomofo) && r != 'ー'
}
