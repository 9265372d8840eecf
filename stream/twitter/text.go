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

// statusText is a text with its entities. Their offsets count code points of the text as it was
// sent, HTML escapes included.
type statusText struct {
	Text     string   `json:"text"`
	Full     string   `json:"full_text"`
	Range    []int    `json:"display_text_range"` // excludes leading mentions in a reply, and trailing addresses of media and quotes
	Entities entities `json:"entities"`
	Media    struct {
		All []mediaEntity `json:"media"`
	} `json:"extended_entities"`
}

type entities struct {
	Hashtags []entity        `json:"hashtags"`
	Symbols  []entity        `json:"symbols"` // symbols of stocks, such as $ABC
	Mentions []entity        `json:"user_mentions"`
	URLs     []entity        `json:"urls"`
	Media    []mediaEntity   `json:"media"` // has only the first one; see extended_entities
	Polls    json.RawMessage `json:"polls"`
}

// entity is a part of the text: a hashtag, a symbol, a mention or a link.
type entity struct {
	Indices  [2]int `json:"indices"`
	Text     string `json:"text"`         // of a hashtag or a symbol, without its sign
	Handle   string `json:"screen_name"`  // of a mention
	URL      string `json:"url"`          // the t.co address in the text
	Display  string `json:"display_url"`  // the text to show for a link
	Expanded string `json:"expanded_url"` // the target of a link
}

// segments divides the displayed part of the text. Quoted is the id of a quoted post that is
// shown, or "". The address of that post is dropped if it is at the end of the text.
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

// spans returns the ranges of all entities, in bytes. An entity that the text doesn't contain
// is left out. End is where the displayed text ends.
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

// leadsTo reports whether the target of the link is the post with that id.
func (e entity) leadsTo(id string) bool {
	address, _, _ := strings.Cut(e.Expanded, "?")
	return strings.HasSuffix(address, "/status/"+id)
}
