package x

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// shownBeside are the parts of a post that are shown outside of its text. The text leaves
// their addresses and names out.
type shownBeside struct {
	media bool
	quote string // id of the quoted post; "" if that is not shown
	reply bool   // the name of the author replied to
}

// body returns the whole text of p, with HTML escapes, and its entities.
func (p post) body() (string, entities) {
	if p.Note.Text != "" {
		return p.Note.Text, p.Note.Entities
	}
	return p.Text, p.Entities
}

// segments divides the text. Offsets count code points of the text as it was sent, with
// its HTML escapes.
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
		drop := shown.reply && len(p.Shown) > 0 && m.End <= p.Shown[0] // the page shows it above the text
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

// tail returns the byte from which on the text has only links to parts that are shown
// beside it. Such a link in the middle of a sentence is not dropped.
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

// covers reports whether the target of a link is shown beside the text.
func (s shownBeside) covers(u link) bool {
	if u.MediaKey != "" || strings.HasPrefix(u.Display, "pic.x.com/") || strings.HasPrefix(u.Display, "pic.twitter.com/") {
		return s.media
	}
	return s.quote != "" && u.post() == s.quote
}

// post returns the id of the post that a link leads to; "" if it leads elsewhere.
func (u link) post() string {
	_, id, _ := strings.Cut(u.pathAtX(), "/status/")
	id, _, _ = strings.Cut(id, "/")
	return id
}

// isArticle reports whether a link leads to an article at X.
func (u link) isArticle() bool { return strings.Contains(u.pathAtX(), "/article/") }

// pathAtX returns the path of the link's target; "" if that is not at X.
func (u link) pathAtX() string {
	to, err := url.Parse(cmp.Or(u.Unwound, u.Expanded))
	if err != nil || !slices.Contains([]string{"x.com", "twitter.com", "mobile.twitter.com", "www.twitter.com", "www.x.com"}, to.Host) {
		return ""
	}
	return to.Path
}

// segment returns a link with its display text, to the t.co address, as X's display
// requirements want. A part that is not the address is the text of the link: X links words
// in the placeholder of a withheld post.
func (u link) segment(part string) stream.Segment {
	s := stream.Segment{Kind: stream.Link, Href: text.WebAddress(u.URL), Title: cmp.Or(u.Unwound, u.Expanded)}
	if part == u.URL {
		s.Text = text.OneLine(u.Display)
	}
	return s
}

// pageURL is an address at X that ends with an escaped user input.
func pageURL(path, last string) string {
	if last == "" {
		return ""
	}
	return text.WebAddress("https://x.com/" + path + url.QueryEscape(last))
}
