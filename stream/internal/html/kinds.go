package html

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// elementKind says what an element becomes in plain text.
type elementKind struct {
	breaks       int    // line breaks around the element
	mark, unmark string // signs before and after its text
	hide         bool   // the element isn't shown
	raw          bool   // tags inside are text
	pre          bool   // the element contains a block of code
}

// kinds are the elements that mean something in plain text. Of all others only the text is
// kept.
var kinds = map[string]elementKind{
	"p": {breaks: 2}, "blockquote": {breaks: 2}, "pre": {breaks: 2, pre: true}, "hr": {breaks: 2},
	"ul": {breaks: 2}, "ol": {breaks: 2}, "dl": {breaks: 2}, "table": {breaks: 2}, "figure": {breaks: 2},
	"h1": {breaks: 2}, "h2": {breaks: 2}, "h3": {breaks: 2}, "h4": {breaks: 2}, "h5": {breaks: 2}, "h6": {breaks: 2},
	"li": {breaks: 1}, "dt": {breaks: 1}, "dd": {breaks: 1}, "div": {breaks: 1}, "tr": {breaks: 1},
	"section": {breaks: 1}, "article": {breaks: 1}, "header": {breaks: 1}, "footer": {breaks: 1}, "details": {breaks: 1},
	"summary": {breaks: 1}, "figcaption": {breaks: 1}, "center": {breaks: 1}, "address": {breaks: 1},

	"em": {mark: "*", unmark: "*"}, "i": {mark: "*", unmark: "*"},
	"strong": {mark: "**", unmark: "**"}, "b": {mark: "**", unmark: "**"},
	"del": {mark: "~~", unmark: "~~"}, "s": {mark: "~~", unmark: "~~"}, "strike": {mark: "~~", unmark: "~~"},
	"code": {mark: "`", unmark: "`"},
	"rt":   {mark: "(", unmark: ")"}, "rp": {hide: true}, // readings follow the word in parentheses

	"script": {hide: true, raw: true}, "style": {hide: true, raw: true}, "iframe": {hide: true, raw: true},
	"noembed": {hide: true, raw: true}, "noframes": {hide: true, raw: true}, "noscript": {hide: true, raw: true},
	"template": {hide: true},
}

// voidElements have no end tag.
var voidElements = setOf("area base basefont bgsound br col embed hr img input keygen link meta param source track wbr")

// paragraphHolders are elements that can have a paragraph inside while another paragraph is
// open outside.
var paragraphHolders = setOf("blockquote li dd td th figure")

var (
	listElements  = setOf("ul ol")
	tableElements = setOf("table")
	rowElements   = setOf("tr table")
	cellElements  = setOf("td th")
)

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// around returns the number of line breaks around an element. A list within a list has only
// one, like an item.
func (c *cutter) around(name string, breaks int) int {
	if listElements[name] && c.list() >= 0 {
		return min(breaks, 1)
	}
	return breaks
}

// list returns the index of the innermost open list, or -1.
func (c *cutter) list() int {
	for i := len(c.open) - 1; i >= 0; i-- {
		if listElements[c.open[i].name] {
			return i
		}
	}
	return -1
}

// bullet returns the bullet or the number of a list item.
func (c *cutter) bullet(tag html.Token) string {
	at := c.list()
	if at < 0 || c.open[at].step == 0 {
		return "• "
	}
	list := &c.open[at]
	if value, err := strconv.ParseInt(attribute(tag, "value"), 10, 32); err == nil {
		list.item = int(value)
	}
	number := strconv.Itoa(list.item)
	list.item += list.step
	return number + ". "
}

// numbering returns the first number of a list, and the step to the next. A reversed list
// without a start counts up, because its first number is known only at the end of the list.
func numbering(tag html.Token) (first, step int) {
	start, err := strconv.ParseInt(attribute(tag, "start"), 10, 32)
	if err != nil {
		return 1, 1
	}
	for _, a := range tag.Attr {
		if a.Key == "reversed" {
			return int(start), -1
		}
	}
	return int(start), 1
}

func attribute(tag html.Token, name string) string {
	for _, a := range tag.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// hasWord reports whether word is one of the words of list, for example of a class attribute.
func hasWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}
