package templates

import (
	"strings"
	"testing"
	"time"
)

// newShown returns a post that has every part of a card.
func newShown() Post {
	yes := Post{Author: Author{Name: "Kei", Handle: "kei", Avatar: "https://a.example/kei.png"}, Text: []Segment{{Text: "quoted words"}}, Created: time.Unix(1, 0)}
	return Post{
		ID: "replay:1", Source: "replay", Author: Author{Name: "Mio", Handle: "mio", Avatar: "/static/demo/mio.svg"}, Created: time.Unix(1, 0),
		Lang: "en", Text: []Segment{
			{Text: `<b>1 & 2</b> `}, {Kind: "link", Text: "a.example/long…", Href: "https://a.example/long?a=b&c=d"}, {Kind: "break", Text: "\n"},
			{Text: "second line "}, {Kind: "hashtag", Text: "#go", Href: "/tag/go"}, {Kind: "emoji", Text: ":cat:", Src: "https://a.example/cat.png"},
		},
		Media:   []Media{{Kind: "image", Preview: "/static/demo/ferry.svg", URL: "https://a.example/ferry", Alt: "the ferry"}, {Kind: "video", Preview: "https://a.example/v.png"}},
		Files:   []File{{Kind: "audio", URL: "https://a.example/a.mp3", Alt: "a song"}},
		Preview: &Preview{URL: "https://b.example/", Host: "b.example", Title: "the preview", Image: "https://b.example/b.png"},
		Poll:    &Poll{Options: []Option{{Title: []Segment{{Text: "tea"}}, Share: 70}, {Title: []Segment{{Text: "rice"}}, Share: 30}}, Until: time.Unix(60, 0)},
		Quote:   &Quote{URL: "https://c.example/1", Post: &yes},
	}
}

func excerptOf(t *testing.T, p Post) Excerpt {
	t.Helper()
	e, err := Portable(render(t, Card(p)), "https://site.example")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPortable_HasTheContentWithoutThePartsThatAreOnlyForThePage(t *testing.T) {
	e := excerptOf(t, newShown())
	for _, want := range []string{
		"&lt;b&gt;1 &amp; 2&lt;/b&gt; ", `<a href="https://a.example/long?a=b&amp;c=d">`, "<br>", `href="https://site.example/tag/go"`,
		`src="https://a.example/cat.png" alt=":cat:"`, `src="https://site.example/static/demo/ferry.svg" alt="the ferry"`, `href="https://a.example/a.mp3"`, "a song",
		"the preview", "tea", "70 %", "<blockquote>", "quoted words",
		"<bdi>Kei</bdi></a> <bdi>@kei</bdi>",
	} {
		if !strings.Contains(e.HTML, want) {
			t.Errorf("%s is missing in %s", want, e.HTML)
		}
	}
	for _, unwanted := range []string{"class=", "id=", "data-", "<svg", "<details", "<span", "rel=", "kei.png", "mio.svg", "Alt", `="/`, `dir=""`, `lang=""`} {
		if strings.Contains(e.HTML, unwanted) {
			t.Errorf("%s is in %s", unwanted, e.HTML)
		}
	}
	if !strings.Contains(e.Text, "b.example the preview\n") || !strings.Contains(e.Text, "Kei @kei\nquoted words") || !strings.Contains(e.Text, "\ntea 70 %\n") {
		t.Errorf("the text is %q", e.Text)
	}
	if want := "<b>1 & 2</b> a.example/long…\nsecond line #go:cat:\n"; !strings.HasPrefix(e.Text, want) || strings.Contains(e.Text, "\n\n\n") {
		t.Errorf("the text is %q, want it to begin with %q", e.Text, want)
	}
}

func TestPortable_HasOnlyTheWarningOfAContentBehindOne(t *testing.T) {
	covered, quoting, sensitive := newShown(), newShown(), newShown()
	covered.Warning = []Segment{{Text: "<i>spoiler"}}
	quoting.Quote.Post.Warning = []Segment{{Text: "<i>spoiler"}}
	sensitive.Sensitive = true
	for _, c := range []struct {
		name              string
		post              Post
		wanted, forbidden []string
	}{
		{"a warning", covered, []string{"&lt;i&gt;spoiler"}, []string{"second line", "ferry", "tea", "quoted words", "a song", "preview"}},
		{"a quoted post with a warning", quoting, []string{"&lt;i&gt;spoiler", "second line", "ferry"}, []string{"quoted words"}},
		{"sensitive media", sensitive, []string{"second line", "tea", "quoted words", phrase("en", "sensitive")}, []string{"ferry", "a song"}},
	} {
		e := excerptOf(t, c.post)
		for _, want := range c.wanted {
			if !strings.Contains(e.HTML, want) {
				t.Errorf("%s: %s is missing in %s", c.name, want, e.HTML)
			}
		}
		for _, word := range c.forbidden {
			if strings.Contains(e.HTML+e.Text, word) {
				t.Errorf("%s: %s is in %s and %q", c.name, word, e.HTML, e.Text)
			}
		}
	}
}
