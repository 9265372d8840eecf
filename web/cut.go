package web

import (
	"strings"

	"nagare/stream"
)

// cut shortens a post so that its text takes at most the given number of bytes. It
// goes without the quoted post, whose link leads to the whole, keeps four pictures,
// and shortens what is said about them.
func cut(t *stream.Tweet, budget int) *stream.Tweet {
	short := *t
	short.Text = cutSegments(t.Text, budget)
	short.Warning = cutText(t.Warning, budget)
	short.Media = nil
	for _, m := range t.Media[:min(len(t.Media), 4)] {
		m.Alt = cutText(m.Alt, budget/4)
		short.Media = append(short.Media, m)
	}
	if t.Quote != nil {
		short.Quote = &stream.Quote{URL: t.Quote.URL}
	}
	return &short
}

const leastSegment = 16 // bytes, for the markup of a segment

// cutSegments keeps the segments that fit, addresses counted, and a part of the
// first that does not if it is plain text.
func cutSegments(segments []stream.Segment, budget int) []stream.Segment {
	var out []stream.Segment
	for _, s := range segments {
		size := leastSegment + len(s.Text) + len(s.Href) + len(s.Title) + len(s.Src)
		if size > budget {
			if s.Kind == stream.Text {
				out = append(out, stream.Segment{Text: cutText(s.Text, budget)})
			}
			return append(out, stream.Segment{Text: "…"})
		}
		budget -= size
		out = append(out, s)
	}
	return out
}

// cutText shortens s to at most n bytes of whole characters.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
