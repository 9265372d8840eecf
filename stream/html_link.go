package stream

import (
	"cmp"
	"net/url"
	"strings"
)

// htmlLink is a link that is being read.
type htmlLink struct {
	href, class, rel string
	spaced           bool // there was a space before it
	text             strings.Builder
}

func (f *htmlFlow) openLink(href, class, rel string) {
	f.link = &htmlLink{href: href, class: class, rel: rel, spaced: f.space}
	f.space = false
}

func (l *htmlLink) add(text string, spaced bool) {
	switch {
	case spaced && l.text.Len() > 0:
		l.text.WriteByte(' ')
	case spaced:
		l.spaced = true
	}
	l.text.WriteString(text)
}

// closeLink writes the link. The space at its end stands behind it.
func (f *htmlFlow) closeLink(mention func(string) string) {
	link, after := f.link, f.space
	f.link, f.space = nil, link.spaced
	if s := link.segment(mention); s.Text != "" {
		f.arrive()
		f.add(s)
	}
	f.space = f.space || after
}

// segment says what a link is. Its class is a word of the server's; its text shows
// whether there is something in it.
func (l *htmlLink) segment(mention func(string) string) Segment {
	s := Segment{Text: l.text.String(), Href: webAddress(l.href)}
	switch {
	case strings.HasPrefix(s.Text, "#") && (hasWord(l.class, "hashtag") || hasWord(l.rel, "tag")):
		s.Kind = Hashtag
	case strings.HasPrefix(s.Text, "@") && mention != nil && mention(l.href) != "":
		s.Kind, s.Text = Mention, mention(l.href)
	case strings.HasPrefix(s.Text, "@") && hasWord(l.class, "mention"):
		s.Kind = Mention
	case s.Href == "":
	default:
		s.Kind, s.Text = Link, cmp.Or(s.Text, shortAddress(s.Href))
		if s.Text != s.Href {
			s.Title = s.Href
		}
	}
	return s
}

// shortAddress is what a link without a text is called.
func shortAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return cutRunes(strings.TrimSuffix(strings.TrimPrefix(u.Host, "www.")+u.EscapedPath(), "/"), 30)
}
