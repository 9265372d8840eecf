// Package text divides the texts of posts into segments, and handles the addresses, countries
// and characters in them.
package text

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/weburl"
)

// Span describes the part of a text from byte Start up to byte End.
type Span struct {
	Start, End int
	Segment    stream.Segment
	Drop       bool // the part is not shown, because its content (such as a picture) is shown elsewhere
}

// Cut divides a text at the spans, and applies the function plain to each part once. A span
// without a text gets the text of its part. Networks pass on the spans that users send, so
// invalid ones are ignored, and their text stays plain text: a span that lies outside of the
// text, is empty, divides a character or a line end, or overlaps a span that begins earlier.
func Cut(text string, spans []Span, plain func(string) string) []stream.Segment {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var out []stream.Segment
	at := 0
	for _, s := range spans {
		if s.Start < at || s.End <= s.Start || s.End > len(text) || !isBoundary(text, s.Start) || !isBoundary(text, s.End) {
			continue
		}
		out = AppendText(out, plain(text[at:s.Start]))
		at = s.End
		if s.Drop {
			continue
		}
		seg := s.Segment
		seg.Text = cmp.Or(seg.Text, normalizeNewlines(plain(text[s.Start:s.End])))
		out = append(out, seg)
	}
	return AppendText(out, plain(text[at:]))
}

// isBoundary reports whether byte i begins a character and is not inside a CRLF.
func isBoundary(text string, i int) bool {
	return i == 0 || i == len(text) || utf8.RuneStart(text[i]) && text[i-1:i+1] != "\r\n"
}

// normalizeNewlines replaces CRLF by line feeds.
func normalizeNewlines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// AppendText appends text as segments of plain text: one for each line, with a break for each
// line end.
func AppendText(out []stream.Segment, text string) []stream.Segment {
	for i, line := range strings.Split(normalizeNewlines(text), "\n") {
		if i > 0 {
			out = append(out, stream.Segment{Kind: stream.Break, Text: "\n"})
		}
		if line == "" {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].Kind == stream.Text {
			out[last].Text += line
		} else {
			out = append(out, stream.Segment{Text: line})
		}
	}
	return out
}

// Trim removes white space from both ends.
func Trim(segs []stream.Segment) []stream.Segment {
	blank := func(s stream.Segment) bool {
		return s.Kind == stream.Break || s.Kind == stream.Text && strings.TrimSpace(s.Text) == ""
	}
	for len(segs) > 0 && blank(segs[0]) {
		segs = segs[1:]
	}
	for len(segs) > 0 && blank(segs[len(segs)-1]) {
		segs = segs[:len(segs)-1]
	}
	if n := len(segs); n > 0 && segs[0].Kind == stream.Text {
		segs[0].Text = strings.TrimLeft(segs[0].Text, " \t")
	}
	if n := len(segs); n > 0 && segs[n-1].Kind == stream.Text {
		segs[n-1].Text = strings.TrimRight(segs[n-1].Text, " \t")
	}
	return segs
}

// WebAddress returns s, escaped, if a link to it is safe; see [weburl.Parse]. Otherwise it
// returns "".
func WebAddress(s string) string { return weburl.Clean(s) }

// ShortAddress returns the text to show for a link that has none of its own: host and path,
// truncated.
func ShortAddress(address string) string {
	u, ok := weburl.Parse(address)
	if !ok {
		return address
	}
	return Truncate(strings.TrimSuffix(u.DisplayHost()+u.Path, "/"), 30)
}

// OneLine joins the lines of s by spaces, and removes control characters.
func OneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}

// Truncate returns the first n characters of s, and an ellipsis if s has more.
func Truncate(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}
