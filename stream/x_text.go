package stream

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// shownX is what stands in a post beside its text, so that the text needn't hold it.
type shownX struct {
	media bool
	quote string // id of the post
	reply bool
}

// body is the whole text of p, still escaped, and the entities that count in it.
func (p xPost) body() (string, xEntities) {
	if p.Note.Text != "" {
		return p.Note.Text, p.Note.Entities
	}
	return p.Text, p.Entities
}

// segments cuts the text. Offsets count the characters of the text as it was sent,
// escapes and all.
func (p xPost) segments(shown shownX) []Segment {
	text, entities := p.body()
	index := newRuneIndex(text)
	var spans []span
	mark := func(at xPart, drop bool, make func(part string) Segment) {
		if from, to, ok := index.bytes(at.Start, at.End); ok {
			spans = append(spans, span{start: from, end: to, drop: drop, segment: make(unescape(text[from:to]))})
		}
	}
	tail := shown.tail(text, index, entities.URLs)
	for _, u := range entities.URLs {
		from, _, ok := index.bytes(u.Start, u.End)
		if drop := ok && from >= tail; drop || webAddress(u.URL) != "" {
			mark(u.xPart, drop, u.segment)
		}
	}
	for _, m := range entities.Mentions {
		drop := shown.reply && len(p.Shown) > 0 && m.End <= p.Shown[0] // whom it answers is told above it
		mark(m.xPart, drop, func(string) Segment { return Segment{Kind: Mention, Href: xPath("", m.Username)} })
	}
	for _, h := range entities.Hashtags {
		mark(h.xPart, false, func(string) Segment { return Segment{Kind: Hashtag, Href: xPath("hashtag/", h.Tag)} })
	}
	for _, c := range entities.Cashtags {
		mark(c.xPart, false, func(string) Segment { return Segment{Kind: Hashtag, Href: xPath("search?q=", "$"+c.Tag)} })
	}
	return trimmed(segments(text, spans, unescape))
}

// tail is the byte from which on nothing comes but links to what is shown anyway.
// Such a link in the midst of a sentence stays.
func (s shownX) tail(text string, index runeIndex, urls []xURL) int {
	urls = slices.SortedFunc(slices.Values(urls), func(a, b xURL) int { return cmp.Compare(b.End, a.End) })
	end := len(strings.TrimRight(text, " \n"))
	for _, u := range urls {
		from, to, ok := index.bytes(u.Start, u.End)
		if !ok || to > end {
			continue
		}
		if to < end || !s.covers(u) {
			break
		}
		end = len(strings.TrimRight(text[:from], " \n"))
	}
	return end
}

// covers reports whether a link leads to what is shown anyway.
func (s shownX) covers(u xURL) bool {
	if u.MediaKey != "" || strings.HasPrefix(u.Display, "pic.x.com/") || strings.HasPrefix(u.Display, "pic.twitter.com/") {
		return s.media
	}
	return s.quote != "" && u.post() == s.quote
}

// post is the id of the post that a link leads to; "" if it leads elsewhere.
func (u xURL) post() string {
	to, err := url.Parse(cmp.Or(u.Unwound, u.Expanded))
	if err != nil || !slices.Contains([]string{"x.com", "twitter.com", "mobile.twitter.com", "www.twitter.com", "www.x.com"}, to.Host) {
		return ""
	}
	_, id, _ := strings.Cut(to.Path, "/status/")
	id, _, _ = strings.Cut(id, "/")
	return id
}

// segment shows a link as X wants it: by its short form, leading to the address it
// counts clicks at. Where X has put words of its own in place of a text, as in one
// that is withheld, the link is under words and they stay.
func (u xURL) segment(part string) Segment {
	s := Segment{Kind: Link, Href: webAddress(u.URL), Title: cmp.Or(u.Unwound, u.Expanded)}
	if part == u.URL {
		s.Text = oneLine(u.Display)
	}
	return s
}

// xPath is an address at X that ends with what somebody wrote.
func xPath(path, last string) string {
	if last == "" {
		return ""
	}
	return webAddress("https://x.com/" + path + url.QueryEscape(last))
}
