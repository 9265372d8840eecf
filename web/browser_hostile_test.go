package web_test

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"nagare/stream"
)

// Each line of these files is a text or an address with which an attacker could try to take
// control of the page. Each of them opens a dialog if it succeeds.
var (
	//go:embed testdata/hostile.txt
	hostileTexts string
	//go:embed testdata/hostile-addresses.txt
	hostileAddresses string
)

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

func TestPage_HostileTextsAreInert(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "ja"} {
		t.Run(lang, func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(2)
			b := openLive(t, s, "/?lang="+lang, width(412))
			before := eval[[]string](b, elements)
			s.publishHostile()
			last := 2 + len(lines(hostileTexts)) + len(lines(hostileAddresses))
			b.waitPosition(last)
			b.waitShown(last)
			b.run(`document.querySelectorAll(".run__open").forEach(button => button.click())`)
			if found := b.checkHostile(before); found != verbatim {
				t.Errorf("%d hostile texts are shown, want %d", found, verbatim)
			}
			b.visit(s.url) // now the server has rendered the same posts into the page
			b.waitState("live")
			b.checkHostile(before)
		})
	}
}

// elements lists the kinds of elements in the document outside the posts. A post must not add to
// this list.
const elements = `[...new Set([...document.querySelectorAll("*:not(#feed *, .menu__marks, .menu__marks *)")].map(e => e.localName))]`

// intruders are the elements in the list that no card may contain: elements of unknown kinds,
// elements with event handlers or styles, and links and pictures whose address is neither at
// example.com nor of the site.
const intruders = `[...document.querySelectorAll("#feed, #feed *")].filter(e =>
	!/^(article|div|p|h2|span|bdi|a|time|svg|use|img|br|details|summary|blockquote|button|ul|li|progress)$/.test(e.localName) ||
	[...e.attributes].some(a => /^on|^style$|^srcdoc$|^formaction$/.test(a.name)) ||
	(e.localName === "a" && !/^(https:\/\/example\.com|\/static|\/post|\/tag|\/by|\/lang)\//.test(e.getAttribute("href"))) ||
	(e.localName === "img" && !/^(https:\/\/example\.com|\/static)\//.test(e.getAttribute("src")))
).map(e => e.outerHTML.slice(0, 200)).slice(0, 9)`

// verbatim is how many of the hostile texts must be shown unchanged. The texts after them contain
// characters that are removed or whose appearance matters.
const verbatim = 26

// checkHostile checks the page, and returns how many of the first verbatim texts the page shows.
// before is what elements was before the posts came.
func (b *tab) checkHostile(before []string) (found int) {
	b.t.Helper()
	for _, intruder := range eval[[]string](b, intruders) {
		b.t.Errorf("in the list: %s", intruder)
	}
	if after := eval[[]string](b, elements); len(after) != len(before) {
		b.t.Errorf("around the list there are now %v, want %v", after, before)
	}
	if wide := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		b.t.Errorf("the page is %d px too wide", wide)
	}
	shown := eval[map[int]string](b, shownTexts)
	for i, text := range lines(hostileTexts)[:verbatim] {
		got, there := shown[firstHostile+i]
		if there {
			found++
		}
		if there && !strings.HasPrefix(got, text) {
			b.t.Errorf("shown as %q, want it as it was written: %s", got, text)
		}
	}
	return found
}

// shownTexts maps the number of each post to the text that the page shows.
const shownTexts = `Object.fromEntries([...document.querySelectorAll("#feed > .tweet")].map(card =>
	[card.dataset.seq, card.querySelector(".tweet__text").textContent]))`

const firstHostile = 3 // the number of the first hostile post

// publishHostile publishes posts with each hostile text and address in every field that can hold
// one.
func (s *site) publishHostile() {
	n := 100
	for _, text := range lines(hostileTexts) {
		n++
		s.emit(created(spokenBy(text, n)))
	}
	for _, address := range lines(hostileAddresses) {
		n++
		s.emit(created(leadingTo(address, n)))
	}
}

func spokenBy(text string, n int) *stream.Post {
	post := madeUp(n)
	author := stream.Author{Handle: text, Name: text, URL: "https://example.com/"}
	post.ID = fmt.Sprintf("replay:%d%s", n, text)
	post.Author, post.RepostedBy = author, &author
	post.ReplyTo = &stream.Reply{Handle: text, URL: "https://example.com/"}
	post.Source, post.Lang, post.Warning = text, text, text
	post.Text = []stream.Segment{{Text: text}, {Kind: stream.Link, Text: text, Href: "https://example.com/", Title: text},
		{Kind: stream.Mention, Text: text}, {Kind: stream.Hashtag, Text: text}, {Kind: stream.SegmentKind(text), Text: text}}
	post.Media = []stream.Media{{Kind: text, Preview: "/static/demo/moon.svg", Alt: text}, {Kind: text, URL: "https://example.com/", Alt: text}}
	post.Preview = &stream.LinkPreview{URL: "https://example.com/", Title: text, Description: text}
	post.Poll = &stream.Poll{Options: []stream.PollOption{{Title: text}}}
	quoted := *post
	post.Quote = &stream.Quote{URL: "https://example.com/", Post: &quoted}
	return post
}

func leadingTo(address string, n int) *stream.Post {
	post := madeUp(n)
	author := stream.Author{Handle: "x", Name: "X", URL: address, Avatar: address}
	post.Author, post.RepostedBy, post.URL = author, &author, address
	post.ReplyTo = &stream.Reply{Handle: "y", URL: address}
	post.Text = []stream.Segment{{Text: "An address: "}, {Kind: stream.Link, Text: "press", Href: address, Title: address},
		{Kind: stream.Mention, Text: "@x", Href: address}, {Kind: stream.Hashtag, Text: "#x", Href: address},
		{Kind: stream.Emoji, Text: ":x:", Src: address}}
	post.Media = []stream.Media{{Kind: "image", Preview: address, URL: address}, {Kind: "image", Preview: "/static/demo/moon.svg", URL: address}}
	post.Media = append(post.Media, stream.Media{Kind: "audio", URL: address})
	post.Preview = &stream.LinkPreview{URL: address, Title: "A card", Image: address}
	post.Author.Emoji = []stream.CustomEmoji{{Code: "X", Src: address}}
	post.Quote = &stream.Quote{URL: address}
	return post
}
