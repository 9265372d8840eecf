package html

import (
	"cmp"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// link is a link that is being read.
type link struct {
	href, class, rel string
	spaced           bool // there was a space before it
	text             strings.Builder
}

func (f *flow) openLink(href, class, rel string) {
	f.link = &link{href: href, class: class, rel: rel, spaced: f.space}
	f.space = false
}

func (l *link) add(text string, spaced bool) {
	switch {
	case spaced && l.text.Len() > 0:
		l.text.WriteByte(' ')
	case spaced:
		l.spaced = true
	}
	l.text.WriteString(text)
}

// closeLink writes the link. A space at its end moves behind it.
func (f *flow) closeLink(mention func(string) string) {
	link, after := f.link, f.space
	f.link, f.space = nil, link.spaced
	if s := link.segment(mention); s.Text != "" {
		f.writePending()
		f.add(s)
	}
	f.space = f.space || after
}

// segment decides what a link is. Its class comes from the server; the text shows whether
// that is plausible.
func (l *link) segment(mention func(string) string) stream.Segment {
	s := stream.Segment{Text: l.text.String(), Href: text.WebAddress(l.href)}
	switch {
	case strings.HasPrefix(s.Text, "#") && (hasWord(l.class, "hashtag") || hasWord(l.rel, "tag")):
		s.Kind = stream.Hashtag
	case strings.HasPrefix(s.Text, "@") && mention != nil && mention(l.href) != "":
		s.Kind, s.Text = stream.Mention, mention(l.href)
	case strings.HasPrefix(s.Text, "@") && hasWord(l.class, "mention"):
		s.Kind = stream.Mention
	case s.Href == "":
	default:
		s.Kind, s.Text = stream.Link, cmp.Or(s.Text, text.ShortAddress(s.Href))
		if s.Text != s.Href {
			s.Title = s.Href
		}
	}
	return s
}
