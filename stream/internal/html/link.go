package html

import (
	"cmp"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// link is the link whose text is being read.
type link struct {
	href, class, rel string
	text             strings.Builder
	leading          bool // the text begins with a space
	space            bool // a space is pending: written before the next word
}

func (f *flow) openLink(href, class, rel string) {
	f.link = &link{href: href, class: class, rel: rel}
}

// write appends s to the text of the link, which is one line with single spaces.
func (l *link) write(s string) {
	if l.text.Len() == 0 && s != "" {
		l.leading = l.leading || isSpace(rune(s[0]))
	}
	for i, word := range strings.FieldsFunc(s, isSpace) {
		if (i > 0 || l.space || isSpace(rune(s[0]))) && l.text.Len() > 0 {
			l.text.WriteByte(' ')
		}
		l.space = false
		l.text.WriteString(word)
	}
	l.space = l.space || s != "" && isSpace(rune(s[len(s)-1]))
}

// closeLink writes the link. Spaces at the edges of its text are moved out of the link.
func (f *flow) closeLink(rules Rules) {
	link := f.link
	f.link = nil
	if link.leading && f.gap == "" {
		f.addGap(" ")
	}
	if s := link.segment(rules); s.Text != "" {
		f.writePending()
		f.add(s)
	}
	if link.space && f.gap == "" {
		f.addGap(" ")
	}
}

// segment returns the link as a link, a mention or a hashtag. The server says which by its
// class and rel; the first character of the text shows whether that is plausible.
func (l *link) segment(rules Rules) stream.Segment {
	s := stream.Segment{Text: l.text.String(), Href: text.WebAddress(l.href)}
	isTag := strings.HasPrefix(s.Text, "#") || strings.HasPrefix(s.Text, "＃")
	switch {
	case isTag && (hasWord(l.class, "hashtag") || hasWord(l.rel, "tag") || rules.Hashtag != nil && rules.Hashtag(l.href, s.Text)):
		s.Kind = stream.Hashtag
	case strings.HasPrefix(s.Text, "@") && rules.Mention != nil && rules.Mention(l.href) != "":
		s.Kind, s.Text = stream.Mention, rules.Mention(l.href)
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
