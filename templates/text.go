package templates

import (
	"strings"
	"unicode"
)

// fewTags is the smallest number of hashtags that get a row of their own.
const fewTags = 3

// withoutTags splits the hashtags at the end off the text. They stay in the text if there are
// fewer than fewTags of them, or if they are the whole text.
func (p Post) withoutTags() (body, tags []Segment) {
	end, count := len(p.Text), 0
	for end > 0 && (p.Text[end-1].Kind == "hashtag" || blank(p.Text[end-1])) {
		end--
		if p.Text[end].Kind == "hashtag" {
			count++
		}
	}
	if end == 0 || count < fewTags {
		return p.Text, nil
	}
	for _, s := range p.Text[end:] {
		if s.Kind == "hashtag" {
			tags = append(tags, s, Segment{Text: " "})
		}
	}
	return append(p.Text[:end:end], Segment{Text: " "}), tags[:len(tags)-1]
}

// withoutPreviewed leaves out the link at the end of a text if the preview below the text leads
// to the same address. The link stays if it is the whole text, or if a cover hides the preview
// but not the text.
func (p Post) withoutPreviewed(text []Segment) []Segment {
	rest := trimmed(text)
	if p.Preview == nil || p.Sensitive && len(p.Warning) == 0 || len(rest) == 0 {
		return text
	}
	last := rest[len(rest)-1]
	rest = trimmed(rest[:len(rest)-1])
	if last.Kind != "link" || !sameAddress(last.Href, p.Preview.URL) || len(rest) == 0 {
		return text
	}
	return rest
}

func sameAddress(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

// trimmed returns a text without the blank segments at its end.
func trimmed(text []Segment) []Segment {
	for len(text) > 0 && blank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

// blank reports whether a segment shows nothing.
func blank(s Segment) bool {
	return s.Kind == "break" || s.Kind == "" && strings.TrimSpace(s.Text) == ""
}

// mostLines is the number of lines above which a text is folded. The style sheet shows the first
// twelve lines of a folded text. The difference of three allows for errors of the estimate, so that
// "Show more" reveals some lines with every font.
const mostLines = 15

// The number of columns in a line, on a wide and on a narrow screen. A wide character takes two.
const (
	wideLine   = 62
	narrowLine = 40
)

// length returns the class of a text that is folded on every screen, or only on a narrow one; empty
// if the text is not folded at all.
func (p Post) length() string {
	switch {
	case lines(p.Text, wideLine) > mostLines:
		return "tweet__text--long"
	case lines(p.Text, narrowLine) > mostLines:
		return "tweet__text--tall"
	}
	return ""
}

// lines estimates the number of lines that a text takes.
func lines(text []Segment, columns int) int {
	total, column := 1, 0
	for _, s := range text {
		if s.Kind == "break" {
			total, column = total+1, 0
			continue
		}
		for _, r := range s.Text {
			if column += width(r); column > columns || r == '\n' {
				total, column = total+1, width(r)
			}
		}
	}
	return total
}

// width returns the number of columns of a character.
func width(r rune) int {
	switch {
	case ' ' <= r && r <= 0xff: // no marks, and nothing wide
		return 1
	case r == '\n' || unicode.Is(unicode.M, r):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r >= 0x1F300 || r >= 0xFF00 && r < 0xFF61:
		return 2
	}
	return 1
}
