package html

import (
	"strings"

	"nagare/stream"
)

// mostBreaks is how many line breaks may follow each other: a post may have white space,
// but not a page of it.
const mostBreaks = 6

// flow lays out text like a browser: white space collapses into one space, and is dropped
// at the edges of a line. A separator is written only when text follows it.
type flow struct {
	out       []stream.Segment
	text      strings.Builder // of the current segment of plain text
	lineStart bool
	breaks    int    // pending
	space     bool   // pending
	bullet    string // pending, of an item that begins
	marks     []mark // of each open element, outermost first
	quoted    int    // number of open quotes
	link      *link  // the open link; may be nil
}

// mark is a sign around a part of the text. It is not written around an empty part.
type mark struct {
	sign    string
	written bool
	hidden  bool
}

// words appends text whose white space may be changed.
func (f *flow) words(s string, emoji map[string]string) {
	list := strings.FieldsFunc(s, isSpace)
	if len(list) == 0 {
		f.space = f.space || s != ""
		return
	}
	f.space = f.space || isSpace(rune(s[0]))
	text := strings.Join(list, " ")
	if f.link != nil {
		f.link.add(text, f.space)
	} else {
		f.writePending()
		for _, piece := range cutEmoji(text, emoji) {
			f.add(piece)
		}
	}
	f.space = isSpace(rune(s[len(s)-1]))
}

// verbatim appends text that keeps its spaces and line feeds.
func (f *flow) verbatim(s string) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			f.breaks++
		}
		if line != "" {
			f.writePending()
			f.append(line)
		}
	}
}

// writePending writes the pending separators before the next part.
func (f *flow) writePending() {
	switch {
	case len(f.out) == 0 && f.text.Len() == 0:
	case f.breaks > 0:
		for range min(f.breaks, mostBreaks) {
			f.add(stream.Segment{Kind: stream.Break, Text: "\n"})
		}
		f.lineStart = true
	case f.space:
		f.append(" ")
	}
	if f.lineStart {
		f.append(strings.Repeat("> ", min(f.quoted, 5)) + f.bullet)
	}
	f.breaks, f.space, f.bullet, f.lineStart = 0, false, "", false
	for i := range f.marks {
		if m := &f.marks[i]; !m.written && !m.hidden && m.sign != "" {
			m.written = true
			f.append(m.sign)
		}
	}
}

// append adds text without a space before it.
func (f *flow) append(text string) {
	switch {
	case f.link != nil:
		f.link.text.WriteString(text)
	default:
		f.text.WriteString(text)
	}
}

func (f *flow) add(s stream.Segment) {
	if s.Kind == stream.Text {
		f.text.WriteString(s.Text)
		return
	}
	f.out = append(f.written(), s)
}

// written is all that was written.
func (f *flow) written() []stream.Segment {
	if f.text.Len() > 0 {
		f.out = append(f.out, stream.Segment{Text: f.text.String()})
		f.text.Reset()
	}
	return f.out
}

// isSpace reports whether r is white space in HTML. A no-break space is not.
func isSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f'
}
