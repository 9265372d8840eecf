package twitter

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// statusText is a text with its entities. Offsets count code points of the text as it was
// sent, with its HTML escapes.
type statusText struct {
	Text     string   `json:"text"`
	Full     string   `json:"full_text"`
	Range    []int    `json:"display_text_range"` // without the mentions before a reply, and the addresses of media and quotes after it
	Entities entities `json:"entities"`
	Media    struct {
		All []mediaEntity `json:"media"`
	} `json:"extended_entities"`
}

type entities struct {
	Hashtags []entity        `json:"hashtags"`
	Symbols  []entity        `json:"symbols"` // of stocks
	Mentions []entity        `json:"user_mentions"`
	URLs     []entity        `json:"urls"`
	Media    []mediaEntity   `json:"media"` // only the first
	Polls    json.RawMessage `json:"polls"`
}

// entity is a part of the text: a hashtag, a symbol, a mention or a link.
type entity struct {
	Indices  [2]int `json:"indices"`
	Text     string `json:"text"`         // of a hashtag or a symbol, without its sign
	Handle   string `json:"screen_name"`  // of a mention
	URL      string `json:"url"`          // at t.co, as it is in the text
	Display  string `json:"display_url"`  // the text to show for it
	Expanded string `json:"expanded_url"` // its target
}

// segments divides the displayed part of the text. Quoted is the id of the quoted post
// that is shown, or "": its address is dropped at the end of the text.
func (b *statusText) segments(quoted string) []stream.Segment {
	raw := cmp.Or(b.Full, b.Text)
	index := text.NewRuneIndex(raw)
	from, to := 0, len(raw)
	if len(b.Range) == 2 {
		if first, last, ok := index.Bytes(b.Range[0], b.Range[1]); ok {
			from, to = first, last
		}
	}
	end := len(strings.TrimRight(raw[:to], " \n"))
	var spans []text.Span
	for _, s := range b.parts(quoted, func(e entity) bool {
		_, last, ok := index.Bytes(e.Indices[0], e.Indices[1])
		return ok && last >= end
	}) {
		if first, last, ok := index.Bytes(s.Start, s.End); ok && signed(s.Segment.Kind, raw[first:]) {
			s.Start, s.End = first-from, last-from
			spans = append(spans, s)
		}
	}
	return text.Trim(text.Cut(raw[from:to], spans, text.Unescape))
}

// signed reports whether a part begins with the sign of its kind. If the offsets of a
// mention or hashtag are wrong, the text stays plain.
func signed(kind stream.SegmentKind, part string) bool {
	sign, _ := utf8.DecodeRuneInString(part)
	switch kind {
	case stream.Mention:
		return strings.ContainsRune("@＠", sign)
	case stream.Hashtag:
		return strings.ContainsRune("#＃$＄", sign)
	}
	return true
}

// parts returns the spans of all entities, with offsets in code points.
func (b *statusText) parts(quoted string, atEnd func(entity) bool) []text.Span {
	var spans []text.Span
	add := func(e entity, s stream.Segment, drop bool) {
		if s.Kind == stream.Link && s.Href == "" && !drop {
			return
		}
		spans = append(spans, text.Span{Start: e.Indices[0], End: e.Indices[1], Segment: s, Drop: drop})
	}
	e := b.Entities
	for _, tag := range e.Hashtags {
		add(tag, stream.Segment{Kind: stream.Hashtag, Href: text.WebAddress("https://x.com/hashtag/" + url.PathEscape(tag.Text))}, false)
	}
	for _, symbol := range e.Symbols {
		add(symbol, stream.Segment{Kind: stream.Hashtag, Href: text.WebAddress("https://x.com/search?q=" + url.QueryEscape("$"+symbol.Text))}, false)
	}
	for _, mention := range e.Mentions {
		add(mention, stream.Segment{Kind: stream.Mention, Href: profileURL(mention.Handle)}, false)
	}
	for _, link := range e.URLs {
		drop := quoted != "" && link.leadsTo(quoted) && atEnd(link)
		add(link, stream.Segment{Kind: stream.Link, Text: text.OneLine(link.Display), Href: text.WebAddress(link.URL), Title: link.Expanded}, drop)
	}
	for _, media := range slices.Concat(e.Media, b.Media.All) {
		add(media.entity, stream.Segment{}, true)
	}
	return spans
}

// leadsTo reports whether the link's target is the post with that id.
func (e entity) leadsTo(id string) bool {
	address, _, _ := strings.Cut(e.Expanded, "?")
	return strings.HasSuffix(address, "/status/"+id)
}
