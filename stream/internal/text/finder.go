package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Finder finds the parts of a text that entities (links, mentions, hashtags) refer to. An
// entity has the offsets of its part, in code points. The offsets are wrong if the network has
// counted them in another form of the text.
type Finder struct {
	text     string
	index    RuneIndex
	folded   string // text in ASCII lower case, made by the first search
	searches int
}

// mostSearches is how many entities with wrong offsets are searched for, which bounds the work
// for a text.
const mostSearches = 100

// NewFinder returns a finder for a text. It is not safe for concurrent use.
func NewFinder(text string) *Finder { return &Finder{text: text, index: NewRuneIndex(text)} }

// Bytes converts two offsets in code points to bytes, as [RuneIndex.Bytes] does.
func (f *Finder) Bytes(start, end int) (from, to int, ok bool) { return f.index.Bytes(start, end) }

// Find returns the part of the text, in bytes, that equals one of the forms, ignoring case:
// the part at the offsets or, if that differs, the nearest one. It returns false if there is
// none.
func (f *Finder) Find(start, end int, forms ...string) (from, to int, ok bool) {
	if from, to, ok = f.index.Bytes(start, end); ok {
		for _, form := range forms {
			if strings.EqualFold(f.text[from:to], form) {
				return from, to, true
			}
		}
	}
	if f.searches++; f.searches > mostSearches {
		return 0, 0, false
	}
	if f.folded == "" {
		f.folded = foldASCII(f.text)
	}
	near, best := f.index[min(max(start, 0), len(f.index)-1)], -1
	for _, form := range forms {
		if at := f.nearest(foldASCII(form), near); at >= 0 && (best < 0 || distance(at, near) < distance(best, near)) {
			best, to = at, at+len(form)
		}
	}
	return best, to, best >= 0
}

// nearest returns the offset at which the word begins, or -1 if the text doesn't have it. If the text
// has it several times, nearest returns the offset that is nearest to near. A longer word that begins
// with the word doesn't count.
func (f *Finder) nearest(word string, near int) int {
	best := -1
	for at := 0; word != ""; {
		i := strings.Index(f.folded[at:], word)
		if i < 0 {
			break
		}
		at += i
		if next, _ := utf8.DecodeRuneInString(f.text[at+len(word):]); !continuesWord(next) && (best < 0 || distance(at, near) < distance(best, near)) {
			best = at
		}
		at += len(word)
	}
	return best
}

func continuesWord(c rune) bool {
	return c == '_' || c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c))
}

func distance(a, b int) int { return max(a-b, b-a) }

// foldASCII returns s with its ASCII letters in lower case. The length stays the same, so that
// offsets stay valid.
func foldASCII(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}
