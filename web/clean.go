package web

import (
	"strings"
	"time"
	"unicode"

	"nagare/stream"
	"nagare/stream/fold"
)

// clean removes invisible characters that change how a text is displayed: control characters
// except the line feed and the tab (C0 and C1 of ISO 6429), and the overrides and isolates of
// Unicode's bidirectional algorithm, which could reorder the text around the cleaned one.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// oneLine cleans a short text that must be on one line, such as a name or a handle.
func oneLine(s string) string {
	return stream.CutText(strings.Join(strings.Fields(clean(s)), " "), longestLine)
}

const longestLine = 256 // bytes

// isBlank reports whether a text shows nothing: it has only white space, invisible characters
// and marks without a letter.
func isBlank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		const brailleBlank = '\u2800'
		return !unicode.IsSpace(r) && !unicode.IsMark(r) && !fold.Invisible(r) && r != brailleBlank
	})
}

// visible returns s, or "" if it shows nothing.
func visible(s string) string {
	if isBlank(s) {
		return ""
	}
	return s
}

// writable returns t, or the zero time if RFC 3339 can't represent the year of t in UTC. A time
// zone can move even a valid year out of that range.
func writable(t time.Time) time.Time {
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		return time.Time{}
	}
	return t
}

// language returns tag if it has the form of a BCP 47 tag, and "" otherwise.
func language(tag string) string {
	for _, r := range tag {
		if r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			return ""
		}
	}
	if len(tag) > 35 {
		return ""
	}
	return tag
}
