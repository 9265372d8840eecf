package text

import "strings"

// RuneIndex has, for each character (code point) of a text, the byte at which it begins. Some
// networks give positions in characters.
type RuneIndex []int

// NewRuneIndex makes the index of a text.
func NewRuneIndex(text string) RuneIndex {
	index := make(RuneIndex, 0, len(text)+1)
	for at := range text {
		index = append(index, at)
	}
	return append(index, len(text))
}

// Bytes converts two offsets in characters to offsets in bytes. It returns false if the part
// between them is empty or outside of the text.
func (r RuneIndex) Bytes(start, end int) (from, to int, ok bool) {
	if start < 0 || end <= start || end >= len(r) {
		return 0, 0, false
	}
	return r[start], r[end], true
}

var escapes = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// Unescape decodes the only three escapes that Twitter and X use. It is applied to each part
// once, after the text was divided: the networks' offsets count the escaped text, and
// "&amp;lt;" is the text "&lt;".
func Unescape(s string) string { return escapes.Replace(s) }
