package web

import (
	"strings"

	"nagare/stream"
)

// The budgets by which a post too large for an event is cut, in bytes of text. The
// least leaves room for a post of nothing but what grows when it is escaped.
const (
	firstBudget = 4096
	bareBudget  = 512 // from here on a post is bare
	leastBudget = 64
)

// cut shortens a post so that its text takes at most the given number of bytes. It
// goes without the quoted post, whose link leads to the whole, keeps four pictures,
// and shortens what is said about them.
func cut(t *stream.Post, budget int) *stream.Post {
	if budget <= bareBudget {
		return bare(t, budget)
	}
	short := *t
	short.Text = cutSegments(t.Text, budget)
	short.Warning = cutText(t.Warning, budget)
	short.Media = nil
	for _, m := range t.Media[:min(len(t.Media), 4)] {
		m.Alt = cutText(m.Alt, budget/4)
		short.Media = append(short.Media, m)
	}
	short.Preview, short.Poll, short.Unsupported = nil, nil, t.Unsupported || t.Poll != nil
	if t.Quote != nil {
		short.Quote = &stream.Quote{URL: t.Quote.URL}
	}
	return &short
}

// bare is who said what and when: no pictures, no quoted post, and no address that
// is long, for an address that is cut leads nowhere.
func bare(t *stream.Post, budget int) *stream.Post {
	return &stream.Post{
		ID: t.ID, Source: t.Source, CreatedAt: t.CreatedAt, EditedAt: t.EditedAt, Lang: t.Lang,
		URL: upTo(t.URL, budget/4),
		Author: stream.Author{
			Handle: cutText(t.Author.Handle, budget/4), Name: cutText(t.Author.Name, budget/4),
			Avatar: upTo(t.Author.Avatar, budget/4), URL: upTo(t.Author.URL, budget/4),
		},
		Text:       cutSegments(t.Text, budget),
		Warning:    cutText(t.Warning, budget),
		WithheldIn: t.WithheldIn[:min(len(t.WithheldIn), budget/leastBudget)],
	}
}

// upTo returns s, or "" if it has more than n bytes.
func upTo(s string, n int) string {
	if len(s) > n {
		return ""
	}
	return s
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
