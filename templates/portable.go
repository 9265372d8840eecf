package templates

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Excerpt is the content of a card for readers outside of the page, who have neither its style
// sheet nor its script: in feeds and on other sites.
type Excerpt struct {
	HTML string // only the elements of portable, with absolute addresses
	Text string // the same without pictures, as plain text with a line for each paragraph
}

// Portable returns the content of a card. Of content behind a warning it has only the warning:
// a reader may show the content of a closed disclosure. origin is the site's, such as
// "https://example.org".
func Portable(card, origin string) (Excerpt, error) {
	parsed, err := html.ParseFragment(strings.NewReader(card), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return Excerpt{}, err
	}
	var e excerpt
	e.origin = origin
	for _, node := range parsed {
		if body := find(node, "tweet__body"); body != nil {
			e.children(body)
		}
	}
	return Excerpt{strings.TrimSpace(e.html.String()), tidied(e.text.String())}, nil
}

// tidied returns a text without the runs of spaces and empty lines that are between the elements of
// a card.
func tidied(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// portable are the elements that an excerpt keeps, each with its attributes that it keeps.
var portable = map[atom.Atom][]string{
	atom.P: {"dir", "lang"}, atom.Br: nil, atom.A: {"href"}, atom.Img: {"src", "alt", "width", "height"},
	atom.Blockquote: nil, atom.Ul: nil, atom.Li: {"dir"}, atom.Bdi: nil, atom.Time: {"datetime"},
}

// separate are the elements that stand on lines of their own.
var separate = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Blockquote: true, atom.Li: true, atom.Br: true}

// excerpt collects an Excerpt.
type excerpt struct {
	origin     string
	html, text strings.Builder
}

func (e *excerpt) children(n *html.Node) {
	for child := range n.ChildNodes() {
		e.node(child)
	}
}

func (e *excerpt) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		e.html.WriteString(html.EscapeString(n.Data))
		e.text.WriteString(n.Data)
	case n.Type != html.ElementNode || decorates(n):
	case n.DataAtom == atom.Details:
		e.cover(n)
	default:
		e.element(n)
	}
}

// decorates reports whether an element is only for the page: it draws, shows an avatar, or is for
// screen readers alone.
func decorates(n *html.Node) bool {
	return n.DataAtom == atom.Svg || n.DataAtom == atom.Progress || attribute(n, "data-initial") != "" ||
		attribute(n, "aria-hidden") == "true" || hasClass(n, "hidden")
}

// cover writes why the content of a disclosure is covered. Other disclosures contain nothing that
// is not elsewhere in the card.
func (e *excerpt) cover(n *html.Node) {
	if why := find(n, "cover__why"); why != nil && hasClass(n, "cover") {
		e.wrap(&html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}, func() { e.children(why) })
	}
}

func (e *excerpt) element(n *html.Node) {
	if n.PrevSibling != nil && (hasClass(n.Parent, "quote__by") || hasClass(n.Parent, "preview__words")) { // the style sheet separates them
		e.html.WriteByte(' ')
		e.text.WriteByte(' ')
	}
	if n.DataAtom == atom.Img && hasClass(n, "tweet__emoji") {
		e.text.WriteString(attribute(n, "alt"))
	}
	if _, keeps := portable[n.DataAtom]; keeps {
		e.wrap(n, func() { e.children(n) })
		return
	}
	e.separate(n)
	e.children(n)
	e.separate(n)
}

// wrap writes an element around its content.
func (e *excerpt) wrap(n *html.Node, content func()) {
	out := html.Token{Type: html.StartTagToken, Data: n.Data, DataAtom: n.DataAtom}
	for _, a := range n.Attr {
		if slices.Contains(portable[n.DataAtom], a.Key) && (a.Val != "" || a.Key == "alt") {
			if (a.Key == "href" || a.Key == "src") && strings.HasPrefix(a.Val, "/") {
				a.Val = e.origin + a.Val
			}
			out.Attr = append(out.Attr, a)
		}
	}
	e.html.WriteString(out.String())
	e.separate(n)
	content()
	if n.DataAtom != atom.Br && n.DataAtom != atom.Img {
		e.html.WriteString("</" + n.Data + ">")
		e.separate(n)
	}
}

// separate begins a new line of the text, if the element stands on lines of its own.
func (e *excerpt) separate(n *html.Node) {
	if separate[n.DataAtom] && e.text.Len() > 0 && (n.DataAtom == atom.Br || !strings.HasSuffix(e.text.String(), "\n")) {
		e.text.WriteByte('\n')
	}
}

// find returns the first element with a class, in the order of the document, or nil.
func find(n *html.Node, class string) *html.Node {
	if hasClass(n, class) {
		return n
	}
	for child := range n.Descendants() {
		if hasClass(child, class) {
			return child
		}
	}
	return nil
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
