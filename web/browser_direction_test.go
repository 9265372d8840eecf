package web_test

import (
	"testing"

	"nagare/stream"
)

// lineDirections describes each line of a text: its first and last visible characters are left
// or right of each other, and the line begins at the left or right edge.
const lineDirections = `selector => {
	const text = document.querySelector(selector), box = text.getBoundingClientRect()
	const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
	const lines = [[]]
	for (let node; node = walker.nextNode();) {
		if (node.nodeName === "BR") lines.push([])
		if (node.nodeType !== Node.TEXT_NODE) continue
		for (let i = 0; i < node.length; i++) {
			if (node.data[i] === "\n") lines.push([])
			const range = document.createRange()
			range.setStart(node, i)
			range.setEnd(node, i + 1)
			if (node.data[i].trim()) lines.at(-1).push(range.getBoundingClientRect())
		}
	}
	return lines.filter(line => line.length > 0).map(line => {
		const [first, last] = [line[0], line.at(-1)]
		const left = Math.min(...line.map(rect => rect.left)) - box.left, right = box.right - Math.max(...line.map(rect => rect.right))
		return (first.left < last.left ? "ltr" : "rtl") + " " + (left < right ? "left" : "right")
	})
}`

func directionsOf(b *tab, selector string) []string {
	return eval[[]string](b, "("+lineDirections+`)("`+selector+`")`)
}

// brokenLines joins lines by breaks.
func brokenLines(of ...[]stream.Segment) (text []stream.Segment) {
	for i, line := range of {
		if i > 0 {
			text = append(text, stream.Segment{Kind: stream.Break, Text: "\n"})
		}
		text = append(text, line...)
	}
	return text
}

func plain(text string) stream.Segment { return stream.Segment{Text: text} }

func TestPage_EachLineHasTheDirectionOfItsOwnFirstLetter(t *testing.T) {
	t.Parallel()
	link := stream.Segment{Kind: stream.Link, Text: "example.org/a", Href: "https://example.org/a"}
	mention := stream.Segment{Kind: stream.Mention, Text: "@mio", Href: "https://example.org/@mio"}
	arabicTag := stream.Segment{Kind: stream.Hashtag, Text: "#القهوة", Href: "https://example.org/t"}
	latinTag := stream.Segment{Kind: stream.Hashtag, Text: "#coffee", Href: "https://example.org/t"}
	post := madeUp(1)
	post.Text = brokenLines(
		[]stream.Segment{plain("A line in English first.")},
		[]stream.Segment{plain("שורה שנייה בעברית.")},
		[]stream.Segment{link, plain(" שלום עולם")},
		[]stream.Segment{mention, plain(" مساء الخير")},
		[]stream.Segment{arabicTag, plain(" is a drink")},
		[]stream.Segment{plain("123 – "), latinTag, plain(" قهوة")},
		[]stream.Segment{arabicTag, plain(" "), latinTag},
		[]stream.Segment{latinTag, plain(" "), latinTag},
		[]stream.Segment{link},
	)
	post.Media = []stream.Media{{Kind: "image", Preview: "/static/demo/river.svg", Alt: "River\nנהר"}}
	post.Preview = nil
	s := newSite(t, 0)
	s.emit(created(post))
	want := []string{"ltr left", "rtl right", "rtl right", "rtl right", "ltr left", "rtl right", "rtl right", "ltr left", "ltr left"}
	b := open(t, s, "/")
	wantLines(t, "text", directionsOf(b, ".tweet__text"), want)
	b.run(`void (document.querySelector(".media__alt").open = true)`)
	wantLines(t, "description of a picture", directionsOf(b, ".media__words"), []string{"ltr left", "rtl right"})
}

func wantLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: the lines are %q, want %q", what, got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s, line %d: %s, want %s", what, i+1, got[i], want[i])
		}
	}
}

func TestPage_TheRowOfHashtagsHasTheirDirection(t *testing.T) {
	t.Parallel()
	tag := stream.Segment{Kind: stream.Hashtag, Text: "#القهوة", Href: "https://example.org/t"}
	post := madeUp(1)
	post.Text = brokenLines([]stream.Segment{plain("مساء الخير")}, []stream.Segment{tag, plain(" "), tag, plain(" "), tag})
	s := newSite(t, 0)
	s.emit(created(post))
	wantLines(t, "row", directionsOf(open(t, s, "/"), ".tweet__tags"), []string{"rtl right"})
}

func TestPage_TheFoldOfALongTextKeepsTheDirectionOfEachLine(t *testing.T) {
	t.Parallel()
	post := madeUp(1)
	var all [][]stream.Segment
	var want []string
	for range 10 {
		all = append(all, []stream.Segment{plain("In English")}, []stream.Segment{plain("בעברית כאן")})
		want = append(want, "ltr left", "rtl right")
	}
	post.Text = brokenLines(all...)
	s := newSite(t, 0)
	s.emit(created(post))
	wantLines(t, "text", directionsOf(open(t, s, "/"), ".tweet__text")[:12], want[:12])
}

func TestPage_APreviewHasTheDirectionOfItsTitleNotOfItsHost(t *testing.T) {
	t.Parallel()
	post := madeUp(1)
	post.Text, post.Media = []stream.Segment{plain("A link")}, nil
	post.Preview = &stream.LinkPreview{URL: "https://example.org/a", Title: "כותרת", Description: "In short"}
	s := newSite(t, 0)
	s.emit(created(post))
	b := open(t, s, "/")
	wantLines(t, "title", directionsOf(b, ".preview__title"), []string{"rtl right"})
	wantLines(t, "description", directionsOf(b, ".preview__more"), []string{"ltr left"})
	if got := eval[string](b, `getComputedStyle(document.querySelector(".preview")).direction`); got != "rtl" {
		t.Errorf("the preview is %s", got)
	}
}
