package web

import (
	"strings"

	"nagare/stream"
	"nagare/stream/weburl"
	"nagare/templates"
)

// toFiles returns links to those media that have no picture to show.
func toFiles(media []stream.Media) []templates.File {
	var out []templates.File
	for _, m := range media {
		target := linkAddress(m.URL)
		if imageAddress(m.Preview) == "" && target != "" {
			out = append(out, templates.File{Kind: oneLine(m.Kind), URL: target, Alt: oneLine(m.Alt)})
		}
	}
	return out
}

// toPreview returns the preview of a page that the post links to, with the host of that page. Some
// networks link to a redirector, as X does. If the text of the post names the target of the
// redirect, toPreview uses the target's host.
func toPreview(c *stream.LinkPreview, text []stream.Segment) *templates.Preview {
	if c == nil {
		return nil
	}
	target := linkAddress(c.URL)
	title := visible(oneLine(c.Title))
	if target == "" || title == "" {
		return nil
	}
	page, _ := weburl.Parse(pageAt(c.URL, text))
	return &templates.Preview{
		URL: target, Host: page.DisplayHost(), Title: title,
		Description: oneLine(c.Description), Image: imageAddress(c.Image),
	}
}

// pageAt returns the target of a redirecting address: the other address that a segment of the text
// names for it. Without such a segment, it returns the address itself.
func pageAt(address string, text []stream.Segment) string {
	for _, s := range text {
		if s.Href != address {
			continue
		}
		if end := linkAddress(s.Title); end != "" {
			return end
		}
	}
	return linkAddress(address)
}

// toPoll converts numbers of votes to percentages. They are percentages of all voters if the
// number of voters is known, and of all votes otherwise.
func toPoll(p *stream.Poll, emoji []stream.CustomEmoji) *templates.Poll {
	if p == nil || len(p.Options) == 0 {
		return nil
	}
	votes, most := 0, 0
	for _, o := range p.Options {
		if o.Votes != nil {
			votes += max(*o.Votes, 0)
			most = max(most, *o.Votes)
		}
	}
	if p.Voters > 0 { // voters can choose several options, so there can be more votes than voters
		votes = max(p.Voters, most)
	}
	poll := &templates.Poll{Until: writable(p.EndsAt), Closed: p.Closed}
	for _, o := range p.Options {
		option := templates.Option{Title: emojified(oneLine(o.Title), emoji), Share: -1}
		if o.Votes != nil {
			option.Share = (200*max(*o.Votes, 0) + votes) / max(2*votes, 1) // in percent, rounded
		}
		poll.Options = append(poll.Options, option)
	}
	return poll
}

// emojified splits a text into plain segments and custom emoji, which the text contains as
// ":code:". It returns nil for an empty text. The time is linear in the length of the text and the
// number of emoji, both of which a server can choose.
func emojified(text string, emoji []stream.CustomEmoji) []templates.Segment {
	images := make(map[string]string, len(emoji))
	for _, e := range emoji {
		if _, known := images[e.Code]; !known {
			images[e.Code] = e.Src
		}
	}
	var out []templates.Segment
	plain := 0 // index of the first byte that is not yet in out
	for at := 0; at < len(text); at++ {
		code, src := emojiAt(text, at, images)
		if src == "" {
			continue
		}
		if plain < at {
			out = append(out, templates.Segment{Text: text[plain:at]})
		}
		out = append(out, templates.Segment{Kind: string(stream.Emoji), Text: code, Src: src})
		plain = at + len(code)
		at = plain - 1
	}
	if plain < len(text) {
		out = append(out, templates.Segment{Text: text[plain:]})
	}
	return out
}

// emojiAt returns the emoji that begins at an index of the text: its ":code:" and the address of
// its picture. Both are "" if none begins there. The images are by code.
func emojiAt(text string, at int, images map[string]string) (code, src string) {
	if text[at] != ':' {
		return "", ""
	}
	length := strings.IndexByte(text[at+1:], ':')
	if length <= 0 {
		return "", ""
	}
	return text[at : at+length+2], imageAddress(images[text[at+1:at+1+length]])
}
