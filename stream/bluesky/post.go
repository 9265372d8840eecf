package bluesky

import (
	"errors"
	"slices"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// The most that a post may have of tags outside of its text, and of languages.
const (
	mostTags  = 8
	mostLangs = 8
)

// bskyCovered are the labels that cover what a post shows until asked for, and
// bskyHidden those that nobody may be shown who isn't logged in, as here nobody is.
var (
	coverLabels = []string{"porn", "sexual", "nudity", "graphic-media", "gore"}
	hideLabels  = []string{"!no-unauthenticated", "!hide", "!takedown"}
)

// hide reports whether the labels say that the post or account may not be shown, and why.
// The network itself sets the labels !hide and !takedown.
func (l labels) hide() (why stream.Reason, hidden bool) {
	if l.any([]string{"!hide", "!takedown"}) {
		return stream.ByNetwork, true
	}
	return stream.Unavailable, l.any(hideLabels)
}

// any reports whether one of the labels is among vals.
func (l labels) any(vals []string) bool {
	return slices.ContainsFunc(l.Values, func(l label) bool { return !l.Neg && slices.Contains(vals, l.Val) })
}

// tweet makes a post of a record. Of its author it knows no more than the DID. An
// error says what could not be shown.
func (e *event) tweet(id string, now time.Time) (*stream.Post, error) {
	r := &e.Commit.Record
	t := &stream.Post{
		ID:        id,
		Source:    "bluesky",
		URL:       postURL(e.DID, e.Commit.RKey),
		CreatedAt: createdAt(r.CreatedAt, e.toldAt(now)),
		Author:    unknownAuthor(e.DID),
		Text:      textOf(r),
		Sensitive: r.Labels.any(coverLabels),
		Late:      now.Sub(e.toldAt(now)) > lateAfter,
	}
	t.Lang, t.MoreLangs = languages(r.Langs)
	if e.Commit.Operation == "update" {
		t.EditedAt = e.toldAt(now)
	}
	var err error
	if r.Reply != nil {
		if parent, ok := parseATURI(r.Reply.Parent.URI); ok {
			t.ReplyTo = &stream.Reply{Handle: shortDID(parent.did), URL: parent.page()}
		} else {
			err = errors.New("a reply to nothing")
		}
	}
	if r.Embed != nil {
		if wrong := r.Embed.show(t, e.DID); wrong != nil {
			t.Unsupported, err = true, wrong
		}
	}
	return t, err
}

// bskyStub is an author of whom nothing is known yet.
func unknownAuthor(did string) stream.Author {
	return stream.Author{Key: "bluesky:" + did, Handle: shortDID(did), URL: profileURL(did)}
}

// toldAt is when the server told it, by a clock that isn't ahead of ours.
func (e *event) toldAt(now time.Time) time.Time {
	if told := e.time(); plausible(e.TimeUS, now) && told.Before(now) {
		return told.UTC()
	}
	return now.UTC()
}

// firstYear is when the oldest posts are from that somebody may have brought along
// from elsewhere. A time before is none: 1970 stands for a number that was missing.
const firstYear = 1990

// bskyCreated is when a post says it was written. Clients may say what they like, so
// what can't be is when the server told it.
func createdAt(declared string, told time.Time) time.Time {
	at, err := time.Parse(time.RFC3339Nano, declared)
	if err != nil || at.Year() < firstYear || at.After(told) {
		return told
	}
	return at.UTC()
}

// bskyLangs are those of the languages that look like one: the first, and the others.
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

// bskyText cuts the text at its facets, which count in bytes, and adds the tags that
// stand outside of it as a line of their own.
func textOf(r *record) []stream.Segment {
	spans := make([]text.Span, 0, len(r.Facets))
	for _, f := range r.Facets {
		if seg, ok := f.segment(); ok {
			spans = append(spans, text.Span{Start: f.Index.Start, End: f.Index.End, Segment: seg})
		}
	}
	out := text.Cut(r.Text, spans, func(s string) string { return s })
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

// moreTags are the tags that the text doesn't have, each once.
func (r *record) moreTags() (tags []string) {
	if len(r.Tags) == 0 {
		return nil
	}
	seen := map[string]bool{"": true}
	for _, f := range r.Facets {
		for _, feature := range f.Features {
			seen[strings.ToLower(feature.Tag)] = true
		}
	}
	for _, tag := range r.Tags[:min(len(r.Tags), mostTags)] {
		tag = strings.TrimLeft(text.OneLine(tag), "#")
		if lower := strings.ToLower(tag); !seen[lower] {
			seen[lower] = true
			tags = append(tags, tag)
		}
	}
	return tags
}

// segment is what the facet makes of its part of the text: the first feature that
// is known and leads somewhere.
func (f facet) segment() (stream.Segment, bool) {
	for _, feature := range f.Features {
		kind, href := stream.Link, ""
		switch feature.Type {
		case "app.bsky.richtext.facet#link":
			href = text.WebAddress(feature.URI)
		case "app.bsky.richtext.facet#mention":
			if kind = stream.Mention; IsDID(feature.DID) {
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
