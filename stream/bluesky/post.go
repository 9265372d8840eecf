package bluesky

import (
	"errors"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/fold"
	"nagare/stream/internal/text"
)

// Limits for one post: tags outside of its text, and languages.
const (
	mostTags  = 8
	mostLangs = 8
)

// post converts the record of the event; see record.post.
func (e *event) post(id string, now time.Time) (*stream.Post, error) {
	told := e.serverTime(now)
	p, err := e.Commit.Record.post(id, atURI{e.DID, e.Commit.Collection, e.Commit.RKey}, told)
	p.Late = now.Sub(told) > lateAfter
	if e.Commit.Operation == "update" {
		p.EditedAt = told
	}
	return p, err
}

// post converts a record that the server knows since the time told. Only the DID of its author
// is known yet. The error describes a part that can't be shown.
func (r *record) post(id string, address atURI, told time.Time) (p *stream.Post, err error) {
	p = &stream.Post{
		ID:        id,
		Source:    "bluesky",
		URL:       postURL(address.did, address.rkey),
		CreatedAt: createdAt(r.CreatedAt, told),
		Author:    unknownAuthor(address.did),
		Text:      textOf(r),
		Sensitive: r.Labels.any(coverLabels),
	}
	p.Lang, p.MoreLangs = languages(r.Langs)
	if r.Reply != nil {
		if parent, ok := parseATURI(r.Reply.Parent.URI); ok {
			p.ReplyTo = &stream.Reply{Key: "bluesky:" + parent.did, Handle: shortDID(parent.did), URL: parent.page()}
		} else {
			err = errors.New("a reply to nothing")
		}
	}
	if r.Embed != nil {
		if wrong := r.Embed.show(p, address.did); wrong != nil {
			p.Unsupported, err = true, wrong
		}
	}
	return p, err
}

// unknownAuthor is an author of whom only the DID is known.
func unknownAuthor(did string) stream.Author {
	return stream.Author{Key: "bluesky:" + did, Handle: shortDID(did), URL: profileURL(did)}
}

// serverTime is the time of the event by the server's clock, or now if that time is invalid or
// in the future. Now is the time of the network.
func (e *event) serverTime(now time.Time) time.Time {
	if told := e.time(); isTime(e.TimeUS) && told.Before(now) {
		return told.UTC()
	}
	return now.UTC()
}

// firstYear is the earliest year that is accepted: imported posts may be older than the
// network. An earlier time, such as 1970, means that the client sent none.
const firstYear = 1990

// createdAt is the time that the post declares. A client may declare anything, so an impossible
// time is replaced by told, the server's time.
func createdAt(declared string, told time.Time) time.Time {
	at, err := time.Parse(time.RFC3339Nano, declared)
	if err != nil || at.Year() < firstYear || at.After(told) {
		return told
	}
	return at.UTC()
}

// languages returns the valid tags among langs: the first, and the others.
func languages(langs []string) (first string, more []string) {
	for _, lang := range langs[:min(len(langs), mostLangs)] {
		switch {
		case len(lang) < 2 || len(lang) > 35 || !consistsOf(lang, "-"):
		case first == "":
			first = lang
		default:
			more = append(more, lang)
		}
	}
	return first, more
}

// textOf divides the text at its facets, whose offsets count bytes. After the text it appends
// the tags that aren't in it, as a paragraph.
func textOf(r *record) []stream.Segment {
	spans := make([]text.Span, 0, len(r.Facets))
	for _, f := range r.Facets {
		if seg, ok := f.segment(); ok {
			spans = append(spans, text.Span{Start: f.Index.Start, End: f.Index.End, Segment: seg})
		}
	}
	out := text.Cut(r.Text, spans, func(s string) string { return s })
	for i, seg := range out {
		if short := shortAddress(seg); short != seg.Text {
			out[i].Text, out[i].Title = short, seg.Text
		}
	}
	said := len(out)
	for _, tag := range r.moreTags() {
		switch {
		case len(out) > said:
			out = append(out, stream.Segment{Text: " "})
		case said > 0:
			out = append(out, stream.Segment{Kind: stream.Break, Text: "\n"}, stream.Segment{Kind: stream.Break, Text: "\n"})
		}
		out = append(out, stream.Segment{Kind: stream.Hashtag, Text: "#" + tag, Href: text.WebAddress(tagURL(tag))})
	}
	return out
}

// moreTags returns the record's tags that its text doesn't contain, each once.
func (r *record) moreTags() (tags []string) {
	if len(r.Tags) == 0 {
		return nil
	}
	seen := map[string]bool{"": true}
	for _, f := range r.Facets {
		for _, feature := range f.Features {
			seen[fold.Tag(feature.Tag)] = true
		}
	}
	for _, tag := range r.Tags[:min(len(r.Tags), mostTags)] {
		tag = strings.TrimLeft(text.OneLine(tag), "#")
		if folded := fold.Tag(tag); !seen[folded] {
			seen[folded] = true
			tags = append(tags, tag)
		}
	}
	return tags
}

// segment returns the first feature of the facet that has a known type and a valid target.
func (f facet) segment() (stream.Segment, bool) {
	for _, feature := range f.Features {
		kind, href := stream.Link, ""
		switch feature.Type {
		case "app.bsky.richtext.facet#link":
			href = text.WebAddress(feature.URI)
		case "app.bsky.richtext.facet#mention":
			if kind = stream.Mention; isDID(feature.DID) {
				href = profileURL(feature.DID)
			}
		case "app.bsky.richtext.facet#tag":
			if kind = stream.Hashtag; feature.Tag != "" {
				href = text.WebAddress(tagURL(feature.Tag))
			}
		}
		if href != "" {
			return stream.Segment{Kind: kind, Href: href}, true
		}
	}
	return stream.Segment{}, false
}
