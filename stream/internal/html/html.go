// Package html converts the HTML of posts to segments. The result contains no markup: known
// elements become line breaks, links and the signs that people use in plain text. Of other
// elements only the text is kept, and of scripts and styles nothing.
package html

import (
	"strings"

	"golang.org/x/net/html"

	"nagare/stream"
)

// Rules contain what is known of a post besides its HTML.
type Rules struct {
	Emoji   map[string]string            // by code, without colons: the address of the image
	Hashtag func(href, text string) bool // reports whether a link is one of the post's hashtags; nil if unknown
	Mention func(href string) string     // returns "@name@server" of the mentioned author; "" if unknown
	Unquote bool                         // drop the link to the quoted post, which is shown itself
}

// Cut converts HTML. It reads tokens and builds no tree, because the sender of a post could
// make a tree so deep that it takes too much work. Anything after the first 512 KiB is
// ignored.
func Cut(source string, rules Rules) []stream.Segment {
	c := cutter{rules: rules, flow: flow{lineStart: true}}
	tokens := html.NewTokenizer(strings.NewReader(source[:min(len(source), longest)]))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end of the source; reading a string has no other error
			c.closeDownTo(0)
			return c.flow.written()
		case html.TextToken:
			c.text(strings.ToValidUTF8(string(tokens.Text()), ""))
		case html.StartTagToken, html.SelfClosingTagToken:
			c.start(tokens.Token())
		case html.EndTagToken:
			name, _ := tokens.TagName()
			c.end(string(name))
		}
	}
}

// longest is the most bytes of HTML that are read. It is far more than any network allows.
const longest = 512 << 10

// deepest is how deep elements can be nested. Tags of deeper elements are ignored, and their
// text is kept.
const deepest = 100

// cutter is the state of a conversion.
type cutter struct {
	rules Rules
	open  []element
	flow  flow

	// Numbers of open elements.

	hidden  int // elements that are not shown
	pre     int // elements that contain blocks of code
	code    int // elements that contain code
	raised  int // <sup>
	lowered int // <sub>
}

// element is an open element.
type element struct {
	elementKind
	name  string
	item  int    // if the element is a list: the number of its next item
	step  int    // if the element is a list: the step between numbers; 0: bullets
	after string // text to write after the element
	link  bool
}

func (c *cutter) start(tag html.Token) {
	kind := kinds[tag.Data]
	switch {
	case tag.Data == "br":
		c.lineBreak()
		return
	case voidElements[tag.Data]:
		c.block(kind.breaks)
		return
	case kind.breaks > 0:
		c.closeImplied(tag.Data)
		c.block(c.around(tag.Data, kind.breaks))
	case tag.Data == "a":
		c.closeNearest("a", nil)
	case cellElements[tag.Data]:
		c.closeImplied(tag.Data)
	}
	if len(c.open) >= deepest && !kind.raw {
		return
	}
	c.push(c.element(tag, kind))
}

// element returns the element that a tag opens.
func (c *cutter) element(tag html.Token, kind elementKind) element {
	e := element{name: tag.Data, elementKind: kind}
	class := attribute(tag, "class")
	switch {
	case hasWord(class, "invisible"), c.rules.Unquote && hasWord(class, "quote-inline"):
		e.hide = true
	case hasWord(class, "ellipsis"):
		e.after = "…"
	}
	switch tag.Data {
	case "a":
		e.link = c.flow.link == nil && c.hidden == 0 && !e.hide
	case "ol":
		e.item, e.step = numbering(tag)
	case "li":
		c.flow.bullet = c.bullet(tag)
	}
	if e.link {
		c.flow.openLink(attribute(tag, "href"), class, attribute(tag, "rel"))
	}
	if c.flow.link != nil || c.pre > 0 {
		e.mark, e.unmark = "", "" // links and code have no marks in their text
	}
	return e
}

func (c *cutter) push(e element) {
	c.open = append(c.open, e)
	c.count(e, 1)
	c.flow.marks = append(c.flow.marks, mark{sign: e.mark, hidden: c.hidden > 0})
}

func (c *cutter) count(e element, by int) {
	if e.hide {
		c.hidden += by
	}
	if e.pre {
		c.pre += by
	}
	if e.name == "code" || e.pre {
		c.code += by
	}
	switch e.name {
	case "blockquote":
		c.flow.quoted += by
	case "sup":
		c.raised += by
	case "sub":
		c.lowered += by
	}
}

func (c *cutter) end(name string) {
	if name == "br" { // browsers treat </br> as <br>
		c.lineBreak()
		return
	}
	if !c.closeNearest(name, nil) {
		c.block(kinds[name].breaks)
	}
}

// closeImplied closes the elements that end without an end tag when a new block begins: a
// paragraph, and an item, cell or row before the next one.
func (c *cutter) closeImplied(name string) {
	c.closeNearest("p", paragraphHolders)
	switch name {
	case "li":
		c.closeNearest("li", listElements)
	case "td", "th":
		c.closeNearest("td", rowElements)
		c.closeNearest("th", rowElements)
	case "tr":
		c.closeNearest("tr", tableElements)
	}
}

// closeNearest closes the innermost open element with that name, and all elements inside. It
// looks no further out than the innermost element in walls. It reports whether it found one.
func (c *cutter) closeNearest(name string, walls map[string]bool) bool {
	for i := len(c.open) - 1; i >= 0 && !walls[c.open[i].name]; i-- {
		if c.open[i].name == name {
			c.closeDownTo(i)
			return true
		}
	}
	return false
}

func (c *cutter) closeDownTo(depth int) {
	for len(c.open) > depth {
		last := len(c.open) - 1
		e := c.open[last]
		c.writeEnd(e)
		c.open, c.flow.marks = c.open[:last], c.flow.marks[:last]
		c.count(e, -1)
		c.block(c.around(e.name, e.breaks))
	}
}

// writeEnd writes the text that belongs at the end of an element.
func (c *cutter) writeEnd(e element) {
	mark := c.flow.marks[len(c.flow.marks)-1]
	switch {
	case e.link:
		c.flow.closeLink(c.rules)
	case mark.written:
		c.flow.append(e.unmark)
	}
	if c.hidden == 0 {
		c.flow.append(e.after)
	}
	switch {
	case e.name == "li":
		c.flow.bullet = ""
	case rowElements[e.name]:
		c.flow.cells = 0
	case cellElements[e.name] && c.hidden == 0:
		c.flow.cells++
	}
}

// text handles the text between two tags.
func (c *cutter) text(s string) {
	switch {
	case c.hidden > 0:
	case c.code > 0:
		c.flow.write(c.script(s), nil)
	default:
		c.flow.write(c.script(s), c.rules.Emoji)
	}
}

// lineBreak handles <br>, a line break that the author wants.
func (c *cutter) lineBreak() {
	switch {
	case c.hidden > 0:
	case c.flow.link != nil:
		c.flow.link.write("\n")
	default:
		c.flow.lineBreak()
	}
}

// block adds line breaks around a block, unless there are at least as many already.
func (c *cutter) block(breaks int) {
	switch {
	case c.hidden > 0 || breaks == 0:
	case c.flow.link != nil:
		c.flow.link.write("\n")
	default:
		c.flow.block(breaks)
	}
}
