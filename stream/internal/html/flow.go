package html

import (
	"math"
	"strings"

	"nagare/stream"
)

const (
	mostGap   = 200 // bytes of white space between two parts
	mostCells = 20  // empty cells of a table in a row
)

// flow lays out text as web clients do, by the rules of "white-space: pre-wrap": the author's
// spaces and line ends are kept. Those that only format the HTML, at the edges of a block,
// are dropped, as is invisible white space at the end of a line. A separator is written only
// when text follows it.
type flow struct {
	out       []stream.Segment
	text      strings.Builder // of the current segment of plain text
	lineStart bool
	marks     []mark // of each open element, outermost first
	quoted    int    // number of open quotes
	link      *link  // the open link; may be nil

	// Pending: written before the next part.

	breaks   int    // by tags
	newlines int    // line ends in the text, since then
	gap      string // white space in a line, since then
	bullet   string // of an item that begins
	cells    int    // cells of a table that have ended in this row

	skip int // line ends to skip: those at the start of a block, or one after a <br>
}

// mark is a sign around a part of the text. It is not written around an empty part.
type mark struct {
	sign    string
	written bool
	hidden  bool
}

// write appends text with its white space.
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

// lineBreak handles <br>. A line end directly after it only formats the HTML: PHP's nl2br
// writes both.
func (f *flow) lineBreak() {
	f.breaks, f.newlines, f.gap, f.skip = f.breaks+f.newlines+1, 0, "", 1
}

// block handles the start or end of a block that has line breaks around it.
func (f *flow) block(breaks int) {
	f.breaks, f.newlines, f.gap, f.skip = max(f.breaks, breaks), 0, "", math.MaxInt
}

// writePending writes the pending separators before the next part.
func (f *flow) writePending() {
	breaks, gap := f.breaks+f.newlines, f.gap
	switch {
	case f.cells > 0: // blocks in cells stay in the row
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
