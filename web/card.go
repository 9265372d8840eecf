package web

import (
	"strings"
	"time"
	"unicode"

	"nagare/stream"
	"nagare/templates"
)

// toPost makes of a tweet what a card shows. It is the one place where what came
// from a network is vetted: addresses by address.go, text by clean. The templates
// then print what they are given.
func toPost(t *stream.Post) templates.Post {
	return templates.Post{
		ID:         t.ID,
		Source:     oneLine(t.Source),
		SourceName: sourceName(t.Source),
		URL:        linkAddress(t.URL),
		Created:    writable(t.CreatedAt),
		Edited:     writable(t.EditedAt),
		Lang:       language(t.Lang),
		Author:     toAuthor(t.Author),
		Text:       toSegments(t.Text),
		Warning:    emojified(clean(t.Warning), t.Emoji),
		Sensitive:  t.Sensitive,
		Media:      toMedia(t.Media),
		Files:      toFiles(t.Media),
		Preview:    toPreview(t.Preview, t.Text),
		Poll:       toPoll(t.Poll, t.Emoji),
		Quote:      toQuote(t.Quote),
		RepostedBy: toReposter(t.RepostedBy),
		Reposts:    t.Reposts,
		ReplyTo:    toReply(t.ReplyTo),
		Partly:     t.Unsupported,
		WithheldIn: toLines(t.WithheldIn),
	}
}

// sourceName is how people call a source.
func sourceName(source string) string {
	switch source {
	case "bluesky":
		return "Bluesky"
	case "mastodon":
		return "Mastodon"
	case "x":
		return "X"
	case "twitter":
		return "Twitter"
	}
	return ""
}

// language lets through what has the form of a BCP 47 tag.
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

func toAuthor(a stream.Author) templates.Author {
	author := templates.Author{
		Handle: oneLine(a.Handle),
		Name:   oneLine(a.Name),
		Avatar: imageAddress(a.Avatar),
		URL:    linkAddress(a.URL),
	}
	if len(a.Emoji) > 0 {
		author.Named = emojified(author.Name, a.Emoji)
	}
	return author
}

func toReposter(a *stream.Author) *templates.Author {
	if a == nil {
		return nil
	}
	author := toAuthor(*a)
	return &author
}

func toLines(words []string) []string {
	var out []string
	for _, s := range words {
		out = append(out, oneLine(s))
	}
	return out
}

func toReply(r *stream.Reply) *templates.Reply {
	if r == nil {
		return nil
	}
	return &templates.Reply{Handle: oneLine(r.Handle), URL: linkAddress(r.URL)}
}

// toSegments keeps the words of a segment whose address is refused.
func toSegments(segments []stream.Segment) []templates.Segment {
	out := make([]templates.Segment, 0, len(segments))
	for _, s := range segments {
		seg := templates.Segment{
			Kind: string(s.Kind), Text: clean(s.Text), Title: oneLine(s.Title),
			Href: linkAddress(s.Href), Src: imageAddress(s.Src),
		}
		lost := s.Kind == stream.Emoji && seg.Src == "" || seg.Href == "" && s.Kind == stream.Link
		if lost {
			seg = templates.Segment{Text: seg.Text}
		}
		out = append(out, seg)
	}
	return out
}

// toMedia leaves out what has no picture that may be shown.
func toMedia(media []stream.Media) []templates.Media {
	var out []templates.Media
	for _, m := range media {
		preview := imageAddress(m.Preview)
		if preview == "" {
			continue
		}
		target := linkAddress(m.URL)
		if target == "" {
			target = imageAddress(m.URL)
		}
		out = append(out, templates.Media{
			Kind: oneLine(m.Kind), Preview: preview, URL: target, Alt: clean(m.Alt),
			Width: max(m.Width, 0), Height: max(m.Height, 0),
		})
	}
	return out
}

// toQuote goes one level deep, however deep the quotes go.
func toQuote(q *stream.Quote) *templates.Quote {
	if q == nil {
		return nil
	}
	quote := &templates.Quote{URL: linkAddress(q.URL)}
	if q.Post != nil {
		inner := *q.Post
		inner.Quote = nil
		post := toPost(&inner)
		quote.Post = &post
	}
	return quote
}

// clean takes out of s what no reader sees but what changes what is seen: control
// characters (ISO 6429 C0 and C1, except the line feed and the tab) and the
// overrides and isolates of Unicode's bidirectional algorithm, by which a text
// could reorder what stands around it.
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

// oneLine is clean for what is a line by nature, and no long one: a name, a handle.
func oneLine(s string) string {
	return cutText(strings.Join(strings.Fields(clean(s)), " "), longestLine)
}

const longestLine = 256 // bytes

// writable is no time if t is in a year that RFC 3339 can't write and scripts can't
// read, as one is that was near the year 10000 somewhere else on earth.
func writable(t time.Time) time.Time {
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		return time.Time{}
	}
	return t
}
