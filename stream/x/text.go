package x

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// shownX is what stands in a post beside its text, so that the text needn't hold it.
type shownBeside struct {
	media bool
	quote string // id of the post
	reply bool
}

// body is the whole text of p, still escaped, and the entities that count in it.
func (p post) body() (string, entities) {
	if p.Note.Text != "" {
		return p.Note.Text, p.Note.Entities
	}
	return p.Text, p.Entities
}

// segments cuts the text. Offsets count the characters of the text as it was sent,
// escapes and all.
func (p post) segments(shown shownBeside) []stream.Segment {
	raw, entities := p.body()
	index := text.NewRuneIndex(raw)
	var spans []text.Span
	mark := func(at textRange, drop bool, make func(part string) stream.Segment) {
		if from, to, ok := index.Bytes(at.Start, at.End); ok {
			spans = append(spans, text.Span{Start: from, End: to, Drop: drop, Segment: make(text.Unescape(raw[from:to]))})
		}
	}
	tail := shown.tail(raw, index, entities.URLs)
	for _, u := range entities.URLs {
		from, _, ok := index.Bytes(u.Start, u.End)
		if drop := ok && from >= tail; drop || text.WebAddress(u.URL) != "" {
			mark(u.textRange, drop, u.segment)
		}
	}
	for _, m := range entities.Mentions {
		drop := shown.reply && len(p.Shown) > 0 && m.End <= p.Shown[0] // whom it answers is told above it
		mark(m.textRange, drop, func(string) stream.Segment {
			return stream.Segment{Kind: stream.Mention, Href: pageURL("", m.Username)}
		})
	}
	for _, h := range entities.Hashtags {
		mark(h.textRange, false, func(string) stream.Segment {
			return stream.Segment{Kind: stream.Hashtag, Href: pageURL("hashtag/", h.Tag)}
		})
	}
	for _, c := range entities.Cashtags {
		mark(c.textRange, false, func(string) stream.Segment {
			return stream.Segment{Kind: stream.Hashtag, Href: pageURL("search?q=", "$"+c.Tag)}
		})
	}
	return text.Trim(text.Cut(raw, spans, text.Unescape))
}

// tail is the byte from which on nothing comes but links to what is shown anyway.
// Such a link in the midst of a sentence stays.
func (s shownBeside) tail(raw string, index text.RuneIndex, urls []link) int {
	urls = slices.SortedFunc(slices.Values(urls), func(a, b link) int { return cmp.Compare(b.End, a.End) })
	end := len(strings.TrimRight(raw, " \n"))
	for _, u := range urls {
		from, to, ok := index.Bytes(u.Start, u.End)
		if !ok || to > end {
			continue
		}
		if to < end || !s.covers(u) {
			break
		}
		end = len(strings.TrimRight(raw[:from], " \n"))
	}
	return end
}

// covers reports whether a link leads to what is shown anyway.
func (s shownBeside) covers(u link) bool {
	if u.MediaKey != "" || strings.HasPrefix(u.Display, "pic.x.com/") || strings.HasPrefix(u.Display, "pic.twitter.com/") {
		return s.media
	}
	return s.quote != "" && u.post() == s.quote
}

// post is the id of the post that a link leads to; "" if it leads elsewhere.
func (u link) post() string {
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
func (u link) segment(part string) stream.Segment {
	s := stream.Segment{Kind: stream.Link, Href: text.WebAddress(u.URL), Title: cmp.Or(u.Unwound, u.Expanded)}
	if part == u.URL {
		s.Text = text.OneLine(u.Display)
	}
	return s
}

// xPath is an address at X that ends with what somebody wrote.
func pageURL(path, last string) string {
	if last == "" {
		return ""
	}
	return text.WebAddress("https://x.com/" + path + url.QueryEscape(last))
}
