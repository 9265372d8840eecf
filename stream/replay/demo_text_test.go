package replay

import (
	"fmt"
	"regexp"
	"strings"

	"nagare/stream"
)

// fill puts the lines of body into a post. A line that begins with "| " is a part, such as a
// picture. A line that consists of "|" is an empty line of the text. All other lines are text.
func (s *demoScript) fill(p *stream.Post, body []string) {
	var text []string
	for _, line := range body {
		if part, ok := strings.CutPrefix(line, "| "); ok {
			s.part(p, part)
		} else {
			text = append(text, strings.TrimPrefix(line, "|"))
		}
	}
	if len(text) > 0 {
		p.Text = s.segments(strings.Join(text, "\n"))
	}
}

func (s *demoScript) part(p *stream.Post, part string) {
	kind, rest, _ := strings.Cut(part, " ")
	switch kind {
	case "warning":
		p.Warning = rest
	case "sensitive":
		p.Sensitive = true
	case "picture", "gif", "video":
		name, alt, _ := strings.Cut(rest, " ")
		m := stream.Media{Kind: strings.Replace(kind, "picture", "image", 1), Preview: "/static/demo/" + name + ".svg", URL: "/static/demo/" + name + ".svg", Alt: alt}
		m.Width, m.Height = sizeOf(s.t, m.Preview)
		p.Media = append(p.Media, m)
	case "audio":
		address, alt, _ := strings.Cut(rest, " ")
		p.Media = append(p.Media, stream.Media{Kind: "audio", URL: address, Alt: alt})
	case "preview":
		at, words, _ := strings.Cut(rest, " | ")
		address, picture, _ := strings.Cut(at, " ")
		title, description, _ := strings.Cut(words, " | ")
		p.Preview = &stream.LinkPreview{URL: address, Title: title, Description: description, Image: "/static/demo/" + picture + ".svg"}
	case "quote":
		p.Quote = s.quote(rest)
	case "poll":
		p.Poll = s.poll(rest)
	default:
		s.t.Fatalf("unknown part %q", part)
	}
}

// quote returns a quote of the post with the label. If label is empty, the quote is of a post
// that can't be shown.
func (s *demoScript) quote(label string) *stream.Quote {
	if label == "" {
		return &stream.Quote{}
	}
	p := s.labelled(label)
	p.Quote = nil
	return &stream.Quote{ID: p.ID, URL: p.URL, Post: p}
}

// poll returns a poll. The text has the number of seconds for which the poll is open, and then
// its answers with their first votes.
func (s *demoScript) poll(text string) *stream.Poll {
	open, answers, _ := strings.Cut(text, " ")
	poll := &stream.Poll{EndsAt: s.at.Add(s.seconds(open))}
	var votes []string
	for answer := range strings.SplitSeq(answers, " | ") {
		title, n, _ := strings.Cut(answer, " = ")
		poll.Options, votes = append(poll.Options, stream.PollOption{Title: title}), append(votes, n)
	}
	return s.voted(poll, votes)
}

var special = regexp.MustCompile(`\n|https://[^\s]+|@\w+|#[\p{L}\p{M}\p{N}_]+|:\w+:`)

// segments divides a text into segments, as a network would.
func (s *demoScript) segments(text string) []stream.Segment {
	var all []stream.Segment
	plain := func(text string) {
		if text != "" {
			all = append(all, stream.Segment{Text: text})
		}
	}
	for loc := special.FindStringIndex(text); loc != nil; loc = special.FindStringIndex(text) {
		plain(text[:loc[0]])
		all = append(all, s.segment(text[loc[0]:loc[1]]))
		text = text[loc[1]:]
	}
	plain(text)
	return all
}

func (s *demoScript) segment(text string) stream.Segment {
	switch text[0] {
	case '\n':
		return stream.Segment{Kind: stream.Break, Text: text}
	case '@':
		return stream.Segment{Kind: stream.Mention, Text: text, Href: s.author(text[1:]).URL}
	case '#':
		return stream.Segment{Kind: stream.Hashtag, Text: text, Href: "https://example.com/tags/" + text[1:]}
	case ':':
		return stream.Segment{Kind: stream.Emoji, Text: text, Src: emojiAddress(text)}
	}
	return stream.Segment{Kind: stream.Link, Text: strings.TrimPrefix(text, "https://"), Href: text, Title: text}
}

func emojiAddress(code string) string {
	return fmt.Sprintf("/static/demo/emoji-%s.svg", strings.Trim(code, ":"))
}

func emojiIn(name string) (found []stream.CustomEmoji) {
	for _, code := range regexp.MustCompile(`:\w+:`).FindAllString(name, -1) {
		found = append(found, stream.CustomEmoji{Code: strings.Trim(code, ":"), Src: emojiAddress(code)})
	}
	return found
}
