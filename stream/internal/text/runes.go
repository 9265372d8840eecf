package text

import "strings"

// RuneIndex has the byte at which each character (code point) of a text begins, for
// networks that count characters.
type RuneIndex []int

func NewRuneIndex(text string) RuneIndex {
	index := make(RuneIndex, 0, len(text)+1)
	for at := range text {
		index = append(index, at)
	}
	return append(index, len(text))
}

// Bytes converts two offsets in characters to bytes. It reports false if the part is empty
// or outside of the text.
func (r RuneIndex) Bytes(start, end int) (from, to int, ok bool) {
	if start < 0 || end <= start || end >= len(r) {
		return 0, 0, false
	}
	return r[start], r[end], true
}

var escapes = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// Unescape undoes the only three escapes of Twitter and X. It is applied to each part once,
// after the text was divided: offsets count the escapes, and "&amp;lt;" is the text "&lt;".
func Unescape(s string) string { return escapes.Replace(s) }
