package stream

import (
	"context"
	"strings"
	"unicode/utf8"
)

const (
	// mostText is how many bytes of words, addresses and markup a post may have. No
	// network lets anybody write as much; but a line may be 4 MiB long, and a
	// thousand posts wait in a queue, and are held by the ledger.
	longestPost = 64 << 10

	shortText    = 1 << 10 // of anything else but the text, where a post is over that
	leastSegment = 64      // bytes that a segment takes besides its words
)

// Bounded is src with what is too long in its posts cut off, so that what is kept of
// them is bounded in bytes too. It belongs next to the source, before any queue.
func Bounded(src Source) Source {
	return decorated{src, func(ctx context.Context, emit func(Op) error) error {
		return src.Stream(ctx, func(op Op) error {
			op.Post = op.Post.bounded()
			return emit(op)
		})
	}}
}

// bounded is t or, if there is too much of it, who said what and when, cut: the text
// ends in an ellipsis, and it is said that a part can't be shown.
func (t *Post) bounded() *Post {
	if t == nil || t.size() <= longestPost {
		return t
	}
	short := &Post{
		ID: t.ID, Source: t.Source, URL: t.URL, CreatedAt: t.CreatedAt, EditedAt: t.EditedAt, Lang: t.Lang,
		Author: t.Author.bounded(), Text: cutSegments(t.Text, longestPost*3/4), Warning: cutBytes(t.Warning, shortText),
		Sensitive: t.Sensitive, ReplyTo: t.ReplyTo, WithheldIn: t.WithheldIn, Unsupported: true,
	}
	if t.RepostedBy != nil {
		by := t.RepostedBy.bounded()
		short.RepostedBy = &by
	}
	if t.Quote != nil {
		short.Quote = &Quote{ID: t.Quote.ID, URL: t.Quote.URL}
	}
	for _, m := range t.Media[:min(len(t.Media), 4)] {
		m.Alt = cutBytes(m.Alt, shortText)
		short.Media = append(short.Media, m)
	}
	return short
}

func (a Author) bounded() Author {
	a.Handle, a.Name, a.Emoji = cutBytes(a.Handle, shortText), cutBytes(a.Name, shortText), nil
	return a
}

// size is about how many bytes a post takes.
func (t *Post) size() int {
	if t == nil {
		return 0
	}
	n := len(t.Warning) + t.Author.size() + t.RepostedBy.size() + leastSegment*len(t.Emoji)
	for _, s := range t.Text {
		n += s.size()
	}
	for _, m := range t.Media {
		n += leastSegment + len(m.Alt) + len(m.URL) + len(m.Preview)
	}
	if t.Preview != nil {
		n += len(t.Preview.Title) + len(t.Preview.Description)
	}
	if t.Poll != nil {
		for _, o := range t.Poll.Options {
			n += leastSegment + len(o.Title)
		}
	}
	return n + t.Quoted().size()
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

// cutSegments keeps what fits, and a part of the first that does not if it is plain
// text. What is kept no longer holds on to the rest, of which it was a part.
func cutSegments(segments []Segment, room int) []Segment {
	var out []Segment
	for _, s := range segments {
		if size := s.size(); size <= room {
			room -= size
			s.Text = strings.Clone(s.Text)
			out = append(out, s)
			continue
		}
		if s.Kind == Text {
			out = append(out, Segment{Text: cutBytes(s.Text, room)})
		}
		return append(out, Segment{Text: "…"})
	}
	return out
}

// cutBytes is at most n bytes of s, in whole characters.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
