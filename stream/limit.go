package stream

import (
	"context"
	"strings"
	"unicode/utf8"
)

const (
	// longestPost is the most bytes of text, addresses and markup in a post. No network allows
	// that much, but a line of input can have 4 MiB, and the memory holds up to a thousand
	// posts in each queue and a thousand more in the reconciler.
	longestPost = 64 << 10

	shortText    = 1 << 10 // most bytes of each other text (names, warning, descriptions) in a truncated post
	leastSegment = 64      // assumed size of a segment without its texts, in bytes
)

// Bounded truncates posts that are too long, so that the memory for them is bounded. It must
// wrap the source itself, because a queue between the two would hold the long posts.
func Bounded(src Source) Source {
	return decorated{src, func(ctx context.Context, emit func(Op) error) error {
		return src.Stream(ctx, func(op Op) error {
			op.Post = op.Post.bounded()
			return emit(op)
		})
	}}
}

// bounded returns p or, if p is too long, a copy with only the most important parts, truncated
// and marked as Unsupported. A truncated text ends in an ellipsis.
func (p *Post) bounded() *Post {
	if p == nil || p.size() <= longestPost {
		return p
	}
	short := &Post{
		ID: p.ID, Source: p.Source, URL: p.URL, CreatedAt: p.CreatedAt, EditedAt: p.EditedAt, Lang: p.Lang,
		Author: p.Author.bounded(), Text: CutSegments(p.Text, longestPost*3/4), Warning: CutText(p.Warning, shortText),
		Sensitive: p.Sensitive, ReplyTo: p.ReplyTo, WithheldIn: p.WithheldIn, Unsupported: true,
	}
	if p.RepostedBy != nil {
		by := p.RepostedBy.bounded()
		short.RepostedBy = &by
	}
	if p.Quote != nil {
		short.Quote = &Quote{ID: p.Quote.ID, URL: p.Quote.URL}
	}
	for _, m := range p.Media[:min(len(p.Media), 4)] {
		m.Alt = CutText(m.Alt, shortText)
		short.Media = append(short.Media, m)
	}
	return short
}

func (a Author) bounded() Author {
	a.Handle, a.Name, a.Emoji = CutText(a.Handle, shortText), CutText(a.Name, shortText), nil
	return a
}

// size returns the approximate size of a post in bytes.
func (p *Post) size() int {
	if p == nil {
		return 0
	}
	n := len(p.Warning) + p.Author.size() + p.RepostedBy.size() + leastSegment*len(p.Emoji)
	for _, s := range p.Text {
		n += s.size()
	}
	for _, tag := range p.Tags {
		n += leastSegment + len(tag)
	}
	for _, m := range p.Media {
		n += leastSegment + len(m.Alt) + len(m.URL) + len(m.Preview)
	}
	if p.Preview != nil {
		n += len(p.Preview.Title) + len(p.Preview.Description)
	}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			n += leastSegment + len(o.Title)
		}
	}
	return n + p.Quoted().size()
}

func (a *Author) size() int {
	if a == nil {
		return 0
	}
	return len(a.Handle) + len(a.Name) + leastSegment*len(a.Emoji)
}

func (s Segment) size() int {
	return leastSegment + len(s.Text) + len(s.Href) + len(s.Title) + len(s.Src)
}

// CutSegments returns the segments that fit into room bytes. If the first one that doesn't fit
// is plain text, its beginning is kept. Texts are copied, because a substring would keep the
// whole text in memory.
func CutSegments(segments []Segment, room int) []Segment {
	var out []Segment
	for _, s := range segments {
		if size := s.size(); size <= room {
			room -= size
			s.Text = strings.Clone(s.Text)
			out = append(out, s)
			continue
		}
		if s.Kind == Text {
			out = append(out, Segment{Text: CutText(s.Text, room)})
		}
		return append(out, Segment{Text: "…"})
	}
	return out
}

// CutText returns the beginning of s, at most n bytes of whole characters.
func CutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
