package stream

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// twitterText is a text with all that is counted along it, in characters of the
// text as it was sent, which is escaped.
type twitterText struct {
	Text     string          `json:"text"`
	Full     string          `json:"full_text"`
	Range    []int           `json:"display_text_range"` // outside of it: whom it answers, and the addresses of what is shown below
	Entities twitterEntities `json:"entities"`
	Media    struct {
		All []twitterMedia `json:"media"`
	} `json:"extended_entities"`
}

type twitterEntities struct {
	Hashtags []twitterEntity `json:"hashtags"`
	Symbols  []twitterEntity `json:"symbols"` // of stocks
	Mentions []twitterEntity `json:"user_mentions"`
	URLs     []twitterEntity `json:"urls"`
	Media    []twitterMedia  `json:"media"` // no more than the first
	Polls    json.RawMessage `json:"polls"`
}

// twitterEntity is a part of the text.
type twitterEntity struct {
	Indices  [2]int `json:"indices"`
	Text     string `json:"text"`         // of a hashtag or symbol, without its sign
	Handle   string `json:"screen_name"`  // of a mention
	URL      string `json:"url"`          // t.co's
	Display  string `json:"display_url"`  // to be shown for it
	Expanded string `json:"expanded_url"` // where it leads
}

// segments cuts the part of the text that is to be displayed. The address of the
// quoted post goes with the quote, where it ends the text; quoted is that post's
// id, or "" if it isn't shown.
func (b *twitterText) segments(quoted string) []Segment {
	text := cmp.Or(b.Full, b.Text)
	index := newRuneIndex(text)
	from, to := 0, len(text)
	if len(b.Range) == 2 {
		if first, last, ok := index.bytes(b.Range[0], b.Range[1]); ok {
			from, to = first, last
		}
	}
	end := len(strings.TrimRight(text[:to], " \n"))
	var spans []span
	for _, s := range b.parts(quoted, func(e twitterEntity) bool {
		_, last, ok := index.bytes(e.Indices[0], e.Indices[1])
		return ok && last >= end
	}) {
		if first, last, ok := index.bytes(s.start, s.end); ok && signed(s.segment.Kind, text[first:]) {
			s.start, s.end = first-from, last-from
			spans = append(spans, s)
		}
	}
	return trimmed(segments(text[from:to], spans, unescape))
}

// signed reports whether a part begins as its kind does. Where the counts don't fit
// the text, it stays plain.
func signed(kind SegmentKind, part string) bool {
	sign, _ := utf8.DecodeRuneInString(part)
	switch kind {
	case Mention:
		return strings.ContainsRune("@＠", sign)
	case Hashtag:
		return strings.ContainsRune("#＃$＄", sign)
	}
	return true
}

// parts are spans that still count in characters.
func (b *twitterText) parts(quoted string, atEnd func(twitterEntity) bool) []span {
	var spans []span
	add := func(e twitterEntity, s Segment, drop bool) {
		if s.Kind == Link && s.Href == "" && !drop {
			return
		}
		spans = append(spans, span{start: e.Indices[0], end: e.Indices[1], segment: s, drop: drop})
	}
	e := b.Entities
	for _, tag := range e.Hashtags {
		add(tag, Segment{Kind: Hashtag, Href: webAddress("https://x.com/hashtag/" + url.PathEscape(tag.Text))}, false)
	}
	for _, symbol := range e.Symbols {
		add(symbol, Segment{Kind: Hashtag, Href: webAddress("https://x.com/search?q=" + url.QueryEscape("$"+symbol.Text))}, false)
	}
	for _, mention := range e.Mentions {
		add(mention, Segment{Kind: Mention, Href: twitterProfile(mention.Handle)}, false)
	}
	for _, link := range e.URLs {
		drop := quoted != "" && link.leadsTo(quoted) && atEnd(link)
		add(link, Segment{Kind: Link, Text: oneLine(link.Display), Href: webAddress(link.URL), Title: link.Expanded}, drop)
	}
	for _, media := range slices.Concat(e.Media, b.Media.All) {
		add(media.twitterEntity, Segment{}, true)
	}
	return spans
}

// leadsTo reports whether a link is to the post of that id.
func (e twitterEntity) leadsTo(id string) bool {
	address, _, _ := strings.Cut(e.Expanded, "?")
	return strings.HasSuffix(address, "/status/"+id)
}
