package twitter

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

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
	find := text.NewFinder(raw)
	from, to := 0, len(raw)
	if len(b.Range) == 2 {
		if first, last, ok := find.Bytes(b.Range[0], b.Range[1]); ok {
			from, to = first, last
		}
	}
	end := len(strings.TrimRight(raw[:to], " \n"))
	spans := b.spans(find, quoted, end)
	for i := range spans {
		spans[i].Start, spans[i].End = spans[i].Start-from, spans[i].End-from
	}
	return text.Trim(text.Cut(raw[from:to], spans, text.Unescape))
}

// spans returns the parts of all entities, in bytes. An entity whose part is not in the text is
// left out. The text ends at end.
func (b *statusText) spans(find *text.Finder, quoted string, end int) []text.Span {
	var spans []text.Span
	add := func(e entity, s stream.Segment, drop func(to int) bool, forms ...string) {
		from, to, ok := find.Find(e.Indices[0], e.Indices[1], forms...)
		if dropped := ok && drop(to); ok && (dropped || s.Href != "") {
			spans = append(spans, text.Span{Start: from, End: to, Segment: s, Drop: dropped})
		}
	}
	never := func(int) bool { return false }
	e := b.Entities
	for _, tag := range e.Hashtags {
		add(tag, stream.Segment{Kind: stream.Hashtag, Href: text.WebAddress("https://x.com/hashtag/" + url.PathEscape(tag.Text))}, never, "#"+tag.Text, "＃"+tag.Text)
	}
	for _, symbol := range e.Symbols {
		add(symbol, stream.Segment{Kind: stream.Hashtag, Href: text.WebAddress("https://x.com/search?q=" + url.QueryEscape("$"+symbol.Text))}, never, "$"+symbol.Text, "＄"+symbol.Text)
	}
	for _, mention := range e.Mentions {
		add(mention, stream.Segment{Kind: stream.Mention, Href: profileURL(mention.Handle)}, never, "@"+mention.Handle, "＠"+mention.Handle)
	}
	for _, link := range e.URLs {
		shownBelow := func(to int) bool { return quoted != "" && link.leadsTo(quoted) && to >= end }
		add(link, stream.Segment{Kind: stream.Link, Text: text.OneLine(link.Display), Href: text.WebAddress(link.URL), Title: link.Expanded}, shownBelow, link.URL, link.Display)
	}
	for _, media := range slices.Concat(e.Media, b.Media.All) {
		add(media.entity, stream.Segment{}, func(int) bool { return true }, media.URL)
	}
	return spans
}

// leadsTo reports whether the link's target is the post with that id.
func (e entity) leadsTo(id string) bool {
	address, _, _ := strings.Cut(e.Expanded, "?")
	return strings.HasSuffix(address, "/status/"+id)
}
