package stream

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// span says what a part of a text is: the bytes from start up to end. Where the
// network counts otherwise, its normaliser has counted in bytes already.
type span struct {
	start, end int
	segment    Segment
	drop       bool // the part is not shown: what it stands for is shown elsewhere
}

// segments cuts text at the spans. Networks pass on what users send, so a span is
// left out, and its text stays text, if it lies outside of the text, is empty,
// cuts a character or a line's end, or overlaps one that begins earlier. A span
// without a text of its own has that of its part; plain is done to every piece of
// the text, once.
func segments(text string, spans []span, plain func(string) string) []Segment {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var out []Segment
	at := 0
	for _, s := range spans {
		if s.start < at || s.end <= s.start || s.end > len(text) || !between(text, s.start) || !between(text, s.end) {
			continue
		}
		out = appendText(out, plain(text[at:s.start]))
		at = s.end
		if s.drop {
			continue
		}
		seg := s.segment
		seg.Text = cmp.Or(seg.Text, feeds(plain(text[s.start:s.end])))
		out = append(out, seg)
	}
	return appendText(out, plain(text[at:]))
}

// between reports whether no character lies on both sides of i, and no line's end.
func between(text string, i int) bool {
	return i == 0 || i == len(text) || utf8.RuneStart(text[i]) && text[i-1:i+1] != "\r\n"
}

// feeds ends each line of the text with a line feed alone.
func feeds(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// appendText adds plain text, as one segment for each line and a break for each
// end of a line.
func appendText(out []Segment, text string) []Segment {
	for i, line := range strings.Split(feeds(text), "\n") {
		if i > 0 {
			out = append(out, Segment{Kind: Break, Text: "\n"})
		}
		if line == "" {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].Kind == Text {
			out[last].Text += line
		} else {
			out = append(out, Segment{Text: line})
		}
	}
	return out
}

// trimmed takes the white space off both ends, as is left where something was dropped.
func trimmed(segs []Segment) []Segment {
	blank := func(s Segment) bool {
		return s.Kind == Break || s.Kind == Text && strings.TrimSpace(s.Text) == ""
	}
	for len(segs) > 0 && blank(segs[0]) {
		segs = segs[1:]
	}
	for len(segs) > 0 && blank(segs[len(segs)-1]) {
		segs = segs[:len(segs)-1]
	}
	if n := len(segs); n > 0 && segs[0].Kind == Text {
		segs[0].Text = strings.TrimLeft(segs[0].Text, " \t")
	}
	if n := len(segs); n > 0 && segs[n-1].Kind == Text {
		segs[n-1].Text = strings.TrimRight(segs[n-1].Text, " \t")
	}
	return segs
}

// joined is the text of all segments.
func joined(segs []Segment) string {
	var b strings.Builder
	for _, s := range segs {
		b.WriteString(s.Text)
	}
	return b.String()
}

// webAddress returns s, escaped, if it is an address that a link may lead to: http or
// https, with a host, without credentials, and at most 2,048 bytes then. Otherwise "".
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	if s = u.String(); len(s) > 2048 {
		return ""
	}
	return s
}
