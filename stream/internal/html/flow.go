package html

import (
	"math"
	"strings"

	"nagare/stream"
)

const (
	mostGap   = 200 // most bytes of white space between two parts
	mostCells = 20  // most cell separators in a row, one after the other
)

// flow lays out text as web clients do, by the rules of "white-space: pre-wrap". Spaces and
// line ends of the author are kept. Those that only format the HTML, at the edges of a block,
// are dropped, as is white space at the end of a line. A separator is written only when text
// follows it.
type flow struct {
	out       []stream.Segment
	text      strings.Builder // text of the current segment, if that is plain text
	lineStart bool
	marks     []mark // one for each open element, outermost first
	quoted    int    // number of open quotes
	link      *link  // the open link; nil if none is open

	// Separators that are pending: they are written before the next part of the text.

	breaks   int    // line breaks by tags
	newlines int    // line ends in the text, after those breaks
	gap      string // white space in the line, after those line ends
	bullet   string // bullet or number of a list item that begins
	cells    int    // table cells that have ended in this row

	skip int // line ends still to skip: all at the start of a block, or one after <br>
}

// mark is a sign around a part of the text, such as ** around bold text. An empty part gets no
// sign.
type mark struct {
	sign    string
	written bool
	hidden  bool
}

// write appends s with its white space and its line ends.
func (f *flow) write(s string, emoji map[string]string) {
	if f.link != nil {
		f.link.write(s)
		return
	}
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			f.newline()
		}
		words := strings.TrimFunc(line, isSpace)
		if words == "" {
			f.addGap(line)
			continue
		}
		before, after, _ := strings.Cut(line, words)
		f.addGap(before)
		f.writePending()
		for _, piece := range cutEmoji(words, emoji) {
			f.add(piece)
		}
		f.addGap(after)
	}
}

// newline handles a line end in the text.
func (f *flow) newline() {
	if f.gap = ""; f.skip > 0 {
		f.skip--
	} else {
		f.newlines++
	}
}

func (f *flow) addGap(space string) {
	f.gap += space[:min(len(space), max(mostGap-len(f.gap), 0))]
}

// lineBreak handles <br>. A line end directly after the tag only formats the HTML: for
// example, nl2br of PHP writes both.
func (f *flow) lineBreak() {
	f.breaks, f.newlines, f.gap, f.skip = f.breaks+f.newlines+1, 0, "", 1
}

// block handles the start or the end of a block, which has that many line breaks around it.
func (f *flow) block(breaks int) {
	f.breaks, f.newlines, f.gap, f.skip = max(f.breaks, breaks), 0, "", math.MaxInt
}

// writePending writes the pending separators, before the next part of the text.
func (f *flow) writePending() {
	breaks, gap := f.breaks+f.newlines, f.gap
	switch {
	case f.cells > 0: // a block in a cell doesn't end the row
		breaks, gap = 0, strings.Repeat(" |", min(f.cells, mostCells))+" "
	case f.bullet != "":
		gap = ""
	}
	if len(f.out) > 0 || f.text.Len() > 0 {
		for range min(breaks, stream.MostBreaks) {
			f.add(stream.Segment{Kind: stream.Break, Text: "\n"})
		}
		f.lineStart = f.lineStart || breaks > 0
	}
	if f.lineStart {
		f.append(strings.Repeat("> ", min(f.quoted, 5)) + f.bullet)
	}
	f.append(gap)
	f.breaks, f.newlines, f.gap, f.bullet, f.cells, f.lineStart, f.skip = 0, 0, "", "", 0, false, 0
	for i := range f.marks {
		if m := &f.marks[i]; !m.written && !m.hidden && m.sign != "" {
			m.written = true
			f.append(m.sign)
		}
	}
}

// append adds text without the pending separators.
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

// written returns the segments of the text so far.
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
