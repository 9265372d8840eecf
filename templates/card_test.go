package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// fullPost returns a post that has every optional part. Each text in it is s.
func fullPost(id, s string) Post {
	named := []Segment{{Text: s}, {Kind: "emoji", Text: s, Src: "https://a.example/e.png"}}
	who := Author{Handle: s, Name: s, Avatar: "https://a.example/a.png", URL: "https://a.example/", Named: named}
	media := []Media{{Kind: "video", Preview: "https://a.example/1.png", URL: "https://a.example/1", Alt: s, Width: 3, Height: 2}, {Kind: "image", Preview: "https://a.example/2.png"}}
	quoted := Post{ID: id + "q", Author: Author{Handle: s}, Text: []Segment{{Text: s}}, Warning: []Segment{{Text: s}}, Media: media}
	return Post{
		ID: id, Source: "bluesky", SourceName: "Bluesky", URL: "https://a.example/p", Created: noon, Edited: noon.Add(time.Minute), Lang: "en",
		Author: who, RepostedBy: &who, ReplyTo: &Reply{Handle: s, URL: "https://a.example/r"}, Sensitive: true, Media: media,
		Quote:   &Quote{URL: "https://a.example/q", Post: &quoted},
		Files:   []File{{Kind: "audio", URL: "https://a.example/a.mp3", Alt: s}, {Kind: s, URL: "https://a.example/b"}},
		Preview: &Preview{URL: "https://a.example/p", Host: s, Title: s, Description: s, Image: "https://a.example/p.png"},
		Poll:    &Poll{Options: []Option{{Title: []Segment{{Text: s}}, Share: 42}, {Title: []Segment{{Text: s}}, Share: -1}}, Until: noon},
		Partly:  true, WithheldIn: []string{s},
		Text: []Segment{
			{Text: s}, {Kind: "link", Text: s, Href: "https://a.example/l"}, {Kind: "mention", Text: s, Href: "https://a.example/m"},
			{Kind: "hashtag", Text: s}, {Kind: "emoji", Text: s, Src: "https://a.example/e.png"}, {Kind: "break", Text: "\n"},
		},
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements parses source as HTML and returns its elements in document order.
func elements(t *testing.T, source string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestCard_NamesTheNewestReposterAndCountsTheOthers(t *testing.T) {
	for reposts, want := range map[int][2]string{
		0:     {"Aiko reposted", "Aikoさんがリポスト"},
		1:     {"Aiko reposted", "Aikoさんがリポスト"},
		2:     {"Aiko and 1 other reposted", "Aikoさんほか1人がリポスト"},
		3:     {"Aiko and 2 others reposted", "Aikoさんほか2人がリポスト"},
		1_201: {"Aiko and 1200 others reposted", "Aikoさんほか1200人がリポスト"},
	} {
		card := render(t, Card(Post{ID: "a:1", RepostedBy: &Author{Name: "Aiko"}, Reposts: reposts}))
		for i, language := range []string{"en", "ja"} {
			if got := contextLine(t, Translate(language, card)); got != want[i] {
				t.Errorf("%d reposts: got %q, want %q", reposts, got, want[i])
			}
		}
	}
}

// contextLine returns the text of the first fact in the context of a card, without markup.
func contextLine(t *testing.T, card string) string {
	t.Helper()
	for _, n := range elements(t, card) {
		if attr(n, "class") == "tweet__fact" {
			var text strings.Builder
			for d := range n.Descendants() {
				if d.Type == html.TextNode {
					text.WriteString(d.Data)
				}
			}
			return strings.Join(strings.Fields(text.String()), " ")
		}
	}
	t.Fatal("no context")
	return ""
}

func TestCard_HostileTextAddsNoElementsOrAttributes(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus='alert(1)`, `</p></article><iframe>`,
		`<!--`, `&lt;b&gt;`, `\u003cscript\u003e`, `data-t="show">Show<`, "<svg/onload=alert(1)>", `]]><style>*{}</style>`,
	}
	plain := outline(elements(t, render(t, Card(fullPost("a:1", "x")))))
	for _, s := range hostile {
		if got := outline(elements(t, render(t, Card(fullPost("a:1", s))))); !slices.Equal(got, plain) {
			t.Errorf("the text %q changes the elements of a card:\n got %v\nwant %v", s, got, plain)
		}
	}
}

// outline returns the name of each element with the names of its attributes, but not their values.
func outline(nodes []*html.Node) []string {
	var out []string
	for _, n := range nodes {
		name := n.Data
		for _, a := range n.Attr {
			name += " " + a.Key
		}
		out = append(out, name)
	}
	return out
}

func TestCard_HostileTextIsNotTranslated(t *testing.T) {
	p := fullPost("a:1", `<b data-t="show">Show</b>`)
	if got := Translate("ja", render(t, Card(p))); strings.Contains(got, "&gt;表示&lt;") {
		t.Error("the author's own words were translated")
	}
}

func TestCard_LinksNeverRunScripts(t *testing.T) {
	for _, address := range []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"} {
		p := fullPost("a:1", "x")
		p.URL, p.Author.URL, p.Text[1].Href, p.Quote.URL, p.Media[0].URL = address, address, address, address, address
		for _, n := range elements(t, render(t, Card(p))) {
			if strings.EqualFold(attr(n, "href"), address) {
				t.Errorf("%s leads to %s", n.Data, address)
			}
		}
	}
}

func TestCard_ExternalLinksSendNoReferrer(t *testing.T) {
	for _, n := range elements(t, render(t, Card(fullPost("a:1", "x")))) {
		if n.Data == "a" && (attr(n, "rel") != "noopener noreferrer nofollow ugc" || attr(n, "target") != "_blank") {
			t.Errorf("link to %s: rel %q, target %q", attr(n, "href"), attr(n, "rel"), attr(n, "target"))
		}
		if n.Data == "img" && attr(n, "referrerpolicy") != "no-referrer" {
			t.Errorf("picture %s sends a referrer", attr(n, "src"))
		}
	}
}

func TestCard_TheAccessibleNameOmitsCoveredText(t *testing.T) {
	p := fullPost("a:1", "x")
	p.Warning = []Segment{{Text: "spoiler"}}
	names := strings.Fields(attr(elements(t, render(t, Card(p)))[3], "aria-labelledby"))
	if slices.Contains(names, p.anchor()+"text") || !slices.Contains(names, p.anchor()+"cover") {
		t.Errorf("the name is made of %v", names)
	}
}

func TestCard_TheTextKeepsSpacesAroundHashtagsAndMentions(t *testing.T) {
	p := Post{ID: "a:1", Text: []Segment{{Text: "see "}, {Kind: "hashtag", Text: "#go", Href: "https://a.example/"}, {Text: ", or "}, {Kind: "mention", Text: "@b"}, {Text: "!"}}}
	text := regexp.MustCompile(`<p class="tweet__text".*?</p>`).FindString(render(t, Card(p)))
	if got := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, ""); got != "see #go, or @b!" {
		t.Errorf("got %q", got)
	}
}

func TestPages_HaveNoInlineStyleOrScript(t *testing.T) {
	page := render(t, Timeline(fullPage(t, "ja"))) + render(t, ErrorPage(Problem{Status: 404}))
	for _, n := range elements(t, page) {
		if attr(n, "style") != "" || n.Data == "style" || (n.Data == "script" && n.FirstChild != nil) {
			t.Errorf("inline style or script at %s %v", n.Data, n.Attr)
		}
	}
}

func TestPlaced_AddsTheOffsetAndChangesNothingElse(t *testing.T) {
	p := fullPost("a:1", "<article>")
	card := render(t, Card(p))
	want := `<article data-seq="42"` + strings.TrimPrefix(card, "<article")
	if got := Placed(card, 42); got != want {
		t.Errorf("got %.80s…, want %.80s…", got, want)
	}
}

func TestTimeline_IDsAreUniqueAndReferencesResolve(t *testing.T) {
	ids, wanted := map[string]bool{}, map[string]bool{}
	for _, n := range elements(t, render(t, Timeline(fullPage(t, "en")))) {
		if id := attr(n, "id"); id != "" && ids[id] {
			t.Errorf("two elements have the id %s", id)
		} else {
			ids[id] = true
		}
		for _, id := range strings.Fields(attr(n, "aria-labelledby")) {
			wanted[id] = true
		}
		if href := attr(n, "href"); strings.HasPrefix(href, "#") {
			wanted[href[1:]] = true
		}
	}
	for id := range wanted {
		if !ids[id] {
			t.Errorf("no element has the id %s", id)
		}
	}
}

// fullPage returns a page with Initial cards, the largest number that a page has.
func fullPage(t *testing.T, lang string) Page {
	t.Helper()
	page := Page{Site: "Nagare", Lang: lang, Channel: "streaming", Epoch: "e", Offset: Initial, Socket: "/websocket", Marks: []Network{{ID: "bluesky", Name: "Bluesky"}}}
	for i := range Initial {
		text := fmt.Sprintf("Post %d says something of a usual length about the river, the lanterns and the ferry, %d times over.", i, i*i)
		card := render(t, Card(fullPost(fmt.Sprintf("a:%d", i), text)))
		page.Cards = append(page.Cards, Translate(lang, Placed(card, uint64(Initial-i))))
	}
	return page
}

func TestCard_SaysWhereAPostIsWithheld(t *testing.T) {
	many := strings.Split("AR BR CH DE FR GB IN JP TR", " ")
	for want, p := range map[string]Post{
		`<span data-t="withheld">Withheld in</span> DE, FR</p>`:                          {WithheldIn: []string{"DE", "FR"}},
		`<span data-t="withheld">Withheld in</span> AR, BR, CH, DE, FR, GB, IN, JP…</p>`: {WithheldIn: many},
	} {
		card := render(t, Card(p))
		if !strings.Contains(card, want) {
			t.Errorf("no %q in\n%s", want, card)
		}
		if !strings.Contains(Translate("ja", card), "表示が制限されている国:") {
			t.Error("it isn't said in Japanese")
		}
	}
	p := fullPost("a:1", "x")
	p.WithheldIn = nil
	if strings.Contains(render(t, Card(p)), "ithheld") {
		t.Error("a post that isn't withheld is marked")
	}
}
