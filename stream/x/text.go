package x

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
	"nagare/stream/weburl"
)

// shownBeside are the parts of a post that are shown beside its text. The text omits the
// addresses and names of these parts.
type shownBeside struct {
	media bool
	quote string // id of the quoted post; "": no quoted post is shown
	reply bool   // whether the name of the author replied to is shown
}

// body returns the whole text of p, with HTML escapes, and its entities.
func (p post) body() (string, entities) {
	if p.Note.Text != "" {
		return p.Note.Text, p.Note.Entities
	}
	return p.Text, p.Entities
}

// segments divides the text into segments. The offsets of entities count code points of the
// text as it was sent, HTML escapes included.
func (p post) segments(shown shownBeside) []stream.Segment {
	raw, entities := p.body()
	find := text.NewFinder(raw)
	var spans []text.Span
	mark := func(at textRange, drop bool, s stream.Segment, forms ...string) {
		if from, to, ok := find.Find(at.Start, at.End, forms...); ok {
			spans = append(spans, text.Span{Start: from, End: to, Drop: drop, Segment: s})
		}
	}
	urls := foundLinks(find, entities.URLs)
	tail := shown.tail(raw, urls)
	for _, u := range urls {
		if drop := u.from >= tail; drop || text.WebAddress(u.URL) != "" {
			spans = append(spans, text.Span{Start: u.from, End: u.to, Drop: drop, Segment: u.segment(text.Unescape(raw[u.from:u.to]))})
		}
	}
	for _, m := range entities.Mentions {
		drop := shown.reply && len(p.Shown) > 0 && m.End <= p.Shown[0] // the page shows this name above the text
		mark(m.textRange, drop, stream.Segment{Kind: stream.Mention, Href: pageURL("", m.Username)}, "@"+m.Username, "＠"+m.Username)
	}
	for _, h := range entities.Hashtags {
		mark(h.textRange, false, stream.Segment{Kind: stream.Hashtag, Href: pageURL("hashtag/", h.Tag)}, "#"+h.Tag, "＃"+h.Tag)
	}
	for _, c := range entities.Cashtags {
		mark(c.textRange, false, stream.Segment{Kind: stream.Hashtag, Href: pageURL("search?q=", "$"+c.Tag)}, "$"+c.Tag, "＄"+c.Tag)
	}
	return text.Trim(text.Cut(raw, spans, text.Unescape))
}

// tail returns the byte offset at which the end of the text begins that has only links to parts
// shown beside it. Only links in this tail are dropped: in the middle of a sentence they are
// needed.
func (s shownBeside) tail(raw string, urls []foundLink) int {
	urls = slices.SortedFunc(slices.Values(urls), func(a, b foundLink) int { return cmp.Compare(b.to, a.to) })
	end := len(strings.TrimRight(raw, " \n"))
	for _, u := range urls {
		if u.to > end {
			continue
		}
		if u.to < end || !s.covers(u.link) {
			break
		}
		end = len(strings.TrimRight(raw[:u.from], " \n"))
	}
	return end
}

// foundLink is a link with its range in the text, in bytes.
type foundLink struct {
	link
	from, to int
}

// foundLinks returns the links that are found in the text.
func foundLinks(find *text.Finder, urls []link) (found []foundLink) {
	for _, u := range urls {
		if from, to, ok := find.Find(u.Start, u.End, u.URL, u.Display); ok {
			found = append(found, foundLink{u, from, to})
		}
	}
	return found
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
	to, ok := weburl.Parse(cmp.Or(u.Unwound, u.Expanded))
	if !ok || !slices.Contains([]string{"x.com", "twitter.com", "mobile.twitter.com", "www.twitter.com", "www.x.com"}, to.Host) {
		return ""
	}
	return to.Path
}

// segment returns the segment of a link. It shows the display text and leads to the t.co
// address, as X's display requirements demand. If the part of the text is not an address, the
// part itself is shown: in the placeholder of a withheld post X links words.
func (u link) segment(part string) stream.Segment {
	s := stream.Segment{Kind: stream.Link, Href: text.WebAddress(u.URL), Title: cmp.Or(u.Unwound, u.Expanded)}
	if part == u.URL {
		s.Text = text.OneLine(u.Display)
	}
	return s
}

// pageURL is the address of a page at X. The argument last is user input, so it is escaped.
func pageURL(path, last string) string {
	if last == "" {
		return ""
	}
	return text.WebAddress("https://x.com/" + path + url.QueryEscape(last))
}
