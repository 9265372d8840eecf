// Package html converts the HTML of posts to segments. No markup gets through: known
// elements become line breaks, links and the signs that people use in plain text; of all
// others only the text is kept, and of scripts and styles nothing.
package html

import (
	"strings"

	"golang.org/x/net/html"

	"nagare/stream"
)

// Rules are what is known of a post besides its HTML.
type Rules struct {
	Emoji   map[string]string            // addresses of images, by code without colons
	Hashtag func(href, text string) bool // reports whether a link is one of the post's hashtags; may be nil
	Mention func(href string) string     // Mention returns the handle of a mentioned author, "@name@server", by the address of a link; "" if it is unknown
	Unquote bool                         // the post quotes: drop the fallback, a link to the quoted post
}

// Cut converts HTML. It reads tokens, not a tree, because the sender decides how deep a
// tree is and how much work it takes. What follows the first 512 KiB is not read.
func Cut(source string, rules Rules) []stream.Segment {
	c := cutter{rules: rules, flow: flow{lineStart: true}}
	tokens := html.NewTokenizer(strings.NewReader(source[:min(len(source), longest)]))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end; there is no other error
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

// longest is far more than any network allows.
const longest = 512 << 10

// deepest is how many elements may be open within each other. Deeper ones are text.
const deepest = 100

// cutter is the state of a conversion.
type cutter struct {
	rules Rules
	open  []element
	flow  flow

	// Numbers of open elements.

	hidden  int // that are not shown
	pre     int // that contain blocks of code
	code    int // that contain code
	raised  int // <sup>
	lowered int // <sub>
}

// element is an open element.
type element struct {
	elementKind
	name  string
	item  int    // of a list: the number of its next item
	step  int    // from a number to the next; 0: the list has no numbers
	after string // text behind it
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

// element is what a tag opens.
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
		e.mark, e.unmark = "", "" // neither in the text of a link nor in code
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
	if name == "br" { // like browsers
		c.lineBreak()
		return
	}
	if !c.closeNearest(name, nil) {
		c.block(kinds[name].breaks)
	}
}

// closeImplied closes what the start of a block closes without a tag: a paragraph, and an
// item, a cell or a row at the next.
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

// closeNearest closes the innermost element of a name, with all elements inside. It does
// not look outside of walls.
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

// writeEnd writes the text at the end of an element.
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

// lineBreak adds one line break of the author.
func (c *cutter) lineBreak() {
	switch {
	case c.hidden > 0:
	case c.flow.link != nil:
		c.flow.link.write("\n")
	default:
		c.flow.lineBreak()
	}
}

// block adds line breaks, unless there are as many already.
func (c *cutter) block(breaks int) {
	switch {
	case c.hidden > 0 || breaks == 0:
	case c.flow.link != nil:
		c.flow.link.write("\n")
	default:
		c.flow.block(breaks)
	}
}
