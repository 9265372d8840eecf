package text

import "strings"

// runeIndex tells at which byte each character of a text begins, for the networks
// that count in characters (code points), whatever encoding they send them in.
type RuneIndex []int

func NewRuneIndex(text string) RuneIndex {
	index := make(RuneIndex, 0, len(text)+1)
	for at := range text {
		index = append(index, at)
	}
	return append(index, len(text))
}

// bytes makes byte offsets of two offsets in characters. ok is false if there is
// nothing between them, or one lies outside of the text.
func (r RuneIndex) Bytes(start, end int) (from, to int, ok bool) {
	if start < 0 || end <= start || end >= len(r) {
		return 0, 0, false
	}
	return r[start], r[end], true
}

var escapes = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// unescape takes back the only three escapes that Twitter and X put into a text. It
// is done to each piece once, after the cutting: their offsets count the escapes, and
// "&amp;lt;" is somebody's "&lt;".
func Unescape(s string) string { return escapes.Replace(s) }
