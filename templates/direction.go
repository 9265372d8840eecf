package templates

import "golang.org/x/text/unicode/bidi"

// directed returns a text in which each line has the direction of its first strong character
// outside of links: an address says nothing about the language around it. A line of mentions
// and hashtags alone has the direction of the first of them.
//
// The style sheet gives each line its own direction, and <bdi> excludes the links. Browsers
// nevertheless align a line by its first strong character of any kind. Where this is another
// one, directed adds an invisible mark to the beginning of the line.
func directed(text []Segment) []Segment {
	var out []Segment
	for begin := 0; begin < len(text); {
		end := begin
		for end < len(text) && text[end].Kind != "break" {
			end++
		}
		if mark := directionMark(text[begin:end]); mark != "" {
			out = append(out, Segment{Text: mark})
		}
		end = min(end+1, len(text))
		out = append(out, text[begin:end]...)
		begin = end
	}
	return out
}

// directionMark returns the mark that a line needs, or "".
func directionMark(line []Segment) string {
	first, plain, linked := bidi.ON, bidi.ON, bidi.ON // the first strong class: of all, of plain text, of mentions and hashtags
	for _, s := range line {
		class := strong(s.Text)
		switch {
		case class == bidi.ON || s.Kind == "emoji":
			continue
		case s.Kind == "":
			plain = earlier(plain, class)
		case s.Kind != "link":
			linked = earlier(linked, class)
		}
		first = earlier(first, class)
	}
	wanted := earlier(plain, linked)
	switch {
	case wanted == first && plain != bidi.ON, wanted == bidi.ON:
		return ""
	case wanted == bidi.R:
		return "\u200f"
	}
	return "\u200e"
}

// earlier returns the class that was found first.
func earlier(known, found bidi.Class) bidi.Class {
	if known != bidi.ON {
		return known
	}
	return found
}

// strong returns the class of the first strong character: L or R, or ON if there is none.
func strong(text string) bidi.Class {
	for _, r := range text {
		properties, _ := bidi.LookupRune(r)
		switch properties.Class() {
		case bidi.L:
			return bidi.L
		case bidi.R, bidi.AL:
			return bidi.R
		}
	}
	return bidi.ON
}
