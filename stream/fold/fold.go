// Package fold reduces texts to a form in which all spellings of a word that a reader takes for
// the same are equal. Filters and searches compare folded texts. It imports nothing of this
// module, so that every package can use it.
//
// It promises:
//
//   - spellings that readers take for the same are equal: TestText_SpellingsOfAWordAreEqual
//   - different words stay different: TestText_DifferentWordsStayDifferent
//   - folding a folded text changes nothing: FuzzText
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Text folds a text. Two texts are folded to the same if they differ only in
//
//   - case: ß is ss, the two forms of the Greek sigma are one, and so are the dotted and the
//     dotless i, because their case depends on the language
//   - normalization (NFC, NFD), width, or hiragana and katakana
//   - marks that writers may leave out: Arabic and Hebrew points, the tatweel, Greek accents
//   - the shape of apostrophes, quotation marks and hyphens
//   - the kind and number of spaces and line ends
//   - invisible characters
//   - marks that strike out, underline or enclose a letter
//
// Accents of Latin letters make a difference: see [Tag].
func Text(s string) string {
	if isASCII(s) {
		return spaced(strings.ToLower(s))
	}
	s = strings.Map(unify, norm.NFKC.String(s))
	s = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
	if s = strings.Map(unify, s); strings.ContainsFunc(s, mayHaveMarks) {
		s = withoutMarks(s)
	}
	return spaced(s)
}

// Tag folds a hashtag, with or without its "#". Accents of Latin letters are removed too, as
// Mastodon does.
func Tag(s string) string {
	latin := false
	bare := strings.Map(func(r rune) rune {
		if !unicode.Is(unicode.Mn, r) {
			latin = unicode.Is(unicode.Latin, r)
		} else if latin {
			return -1
		}
		return r
	}, norm.NFKD.String(Text(s)))
	return strings.TrimPrefix(norm.NFKC.String(bare), "#")
}

// Invisible reports whether a character shows nothing and takes no space: a format character,
// a variation selector, a filler, or a control character other than white space.
func Invisible(r rune) bool {
	return !unicode.IsSpace(r) && unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// unify replaces a character by the one that stands for all of its kind; -1 removes it.
func unify(r rune) rune {
	switch r {
	case '‘', '’', '‛', 'ʹ', 'ʻ', 'ʼ', '′', '՚', '׳', 'ꞌ', '´':
		return '\''
	case '“', '”', '„', '‟', '″', '״', '«', '»':
		return '"'
	case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2015', '−', '־':
		return '-'
	case '〜':
		return '~'
	case 'ı':
		return 'i'
	case 'ـ':
		return -1
	case '\u0305', '\u0332', '\u0333', '\u033f', '\u0334', '\u0335', '\u0336', '\u0337', '\u0338', // over a Latin letter
		'\u20d2', '\u20d3', '\u20d8', '\u20d9', '\u20da', '\u20e5', '\u20e6', '\u20ea', '\u20eb': // over a symbol
		return -1
	}
	switch {
	case ' ' <= r && r < 0x7f:
		return r
	case 'ァ' <= r && r <= 'ヶ', r == 'ヽ', r == 'ヾ':
		return r - ('ァ' - 'ぁ')
	case 'ꭰ' <= r && r <= 'ꮿ': // Cherokee, whose case x/text swaps instead of folding it
		return r - ('ꭰ' - 'Ꭰ')
	case 'ᏸ' <= r && r <= 'ᏽ':
		return r - ('ᏸ' - 'Ᏸ')
	case Invisible(r), unicode.Is(unicode.Me, r):
		return -1
	}
	return r
}

// withoutMarks removes the marks that writers may leave out. It removes no mark that makes
// another letter, such as the hamza of an alef.
func withoutMarks(s string) string {
	var letter rune
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf || !unicode.Is(unicode.Mn, r):
			letter = r
		case unicode.Is(unicode.Hebrew, r), isArabicPoint(r), unicode.Is(unicode.Greek, letter), letter == 'i' && r == '\u0307':
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// mayHaveMarks reports whether a text with the character r can change in withoutMarks. Most texts have
// none of these characters.
func mayHaveMarks(r rune) bool {
	switch {
	case r < 0x300, '\u1e00' <= r && r <= '\u1eff', '\u2000' <= r && r < '\u20d0', '\u2200' <= r && r <= '\u2bff', // Latin, symbols
		'\u3000' <= r && r < '\u302a', '\u3030' <= r && r < '\u3099', '\u309b' <= r && r <= '\u9fff', // kana, Han
		'가' <= r && r <= '힣', '\U0001f300' <= r && r <= '\U0001faff': // Hangul, emoji
		return false
	}
	return true
}

func isArabicPoint(r rune) bool {
	return '\u064b' <= r && r <= '\u0652' || '\u0656' <= r && r <= '\u065f' || r == '\u0670' ||
		'\u0610' <= r && r <= '\u061a' || '\u06d6' <= r && r <= '\u06ed' || '\u08d3' <= r && r <= '\u08ff'
}

// spaced replaces each run of white space by one space, and removes it at both ends.
func spaced(s string) string {
	if isSpaced(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// isSpaced reports whether s has no white space except for single spaces between words.
func isSpaced(s string) bool {
	before := ' '
	for _, r := range s {
		if unicode.IsSpace(r) && (r != ' ' || before == ' ') {
			return false
		}
		before = r
	}
	return before != ' ' || s == ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return true
}
