package web

import (
	"strings"

	"nagare/stream"
	"nagare/templates"
)

// toPost converts a post to the data of a card. All data from networks is sanitized here:
// addresses by address.go, texts by clean.go. The templates rely on that.
func toPost(t *stream.Post, all networkList) templates.Post {
	author := toAuthor(t.Author)
	author.Page = authorPage(t.Source, author.Handle)
	return templates.Post{
		ID:         t.ID,
		Source:     all.of(t.Source),
		SourceName: all.get(t.Source).Name,
		URL:        linkAddress(t.URL),
		Page:       postPath(t.ID),
		Created:    writable(t.CreatedAt),
		Edited:     writable(t.EditedAt),
		Lang:       language(t.Lang),
		LangPage:   langPath(language(t.Lang)),
		Author:     author,
		Text:       toSegments(t.Text),
		Warning:    emojified(clean(t.Warning), t.Emoji),
		Sensitive:  t.Sensitive,
		Media:      toMedia(t.Media),
		Files:      toFiles(t.Media),
		Preview:    toPreview(t.Preview, t.Text),
		Poll:       toPoll(t.Poll, t.Emoji),
		Quote:      toQuote(t.Quote, all),
		RepostedBy: toReposter(t.RepostedBy),
		Reposts:    t.Reposts,
		ReplyTo:    toReply(t.ReplyTo),
		Partly:     t.Unsupported,
		WithheldIn: toLines(t.WithheldIn),
	}
}

func toAuthor(a stream.Author) templates.Author {
	author := templates.Author{
		Handle: visible(oneLine(a.Handle)),
		Name:   visible(oneLine(a.Name)),
		Avatar: imageAddress(a.Avatar),
		URL:    linkAddress(a.URL),
	}
	if len(a.Emoji) > 0 && author.Name != "" {
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
	return &templates.Reply{Handle: visible(oneLine(r.Handle)), URL: linkAddress(r.URL)}
}

// toSegments converts the segments of a text. A link or an emoji whose address is refused becomes
// plain text.
func toSegments(segments []stream.Segment) []templates.Segment {
	out := make([]templates.Segment, 0, len(segments))
	for _, s := range withoutBlankPages(segments) {
		seg := templates.Segment{
			Kind: string(s.Kind), Text: clean(s.Text), Title: oneLine(s.Title),
			Href: linkAddress(s.Href), Src: imageAddress(s.Src),
		}
		if s.Kind != stream.Break { // the page would show a line feed, but only a break should begin a new line
			seg.Text = strings.ReplaceAll(seg.Text, "\n", " ")
		}
		if path := tagPath(s.Text); s.Kind == stream.Hashtag && path != "" {
			seg.Href = path
		}
		lost := s.Kind == stream.Emoji && seg.Src == "" || seg.Href == "" && s.Kind == stream.Link
		if lost {
			seg = templates.Segment{Text: seg.Text}
		}
		out = append(out, seg)
	}
	return out
}

// withoutBlankPages removes each break that exceeds [stream.MostBreaks] in a row. Lines that
// contain only white space count as empty.
func withoutBlankPages(segments []stream.Segment) []stream.Segment {
	var out []stream.Segment
	breaks, blank := 0, 0 // breaks since the last text, and white-space segments since the last break
	for _, s := range segments {
		switch {
		case s.Kind == stream.Break:
			out = out[:len(out)-blank]
			if blank = 0; breaks == stream.MostBreaks {
				continue
			}
			breaks++
		case s.Kind == stream.Text && isBlank(s.Text):
			blank++
		default:
			breaks, blank = 0, 0
		}
		out = append(out, s)
	}
	return out
}

// toMedia returns the media that have a picture with a safe address.
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

// toQuote converts a quoted post. If that post quotes another one, the second quote is left out.
func toQuote(q *stream.Quote, all networkList) *templates.Quote {
	if q == nil {
		return nil
	}
	quote := &templates.Quote{URL: linkAddress(q.URL)}
	if q.Post != nil {
		inner := *q.Post
		inner.Quote = nil
		post := toPost(&inner, all)
		quote.Post = &post
	}
	return quote
}
