package stream

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSearchIndex_HasEveryPropertyOfAPost(t *testing.T) {
	full := everyPart()
	full.Source, full.Lang, full.MoreLangs = "mastodon", "en-GB", []string{"nb"}
	full.Author.NoIndex, full.Author.Bot = true, true
	full.Text = append(full.Text, Segment{Kind: Mention, Text: "@Rin@b.example"}, Segment{Kind: Link, Text: "a page", Href: "https://t.example/x", Title: "https://www.c.example/"})
	full.ReplyTo.Handle = "ren.example"
	full.Quote = &Quote{URL: "https://d.example"}
	bare := &Post{Text: []Segment{{Text: "words"}}}
	previewed := &Post{Preview: &LinkPreview{URL: "https://c.example", Title: "x"}}
	hiddenQuote := &Post{Quote: &Quote{}, Sensitive: true}
	quoting := &Post{Quote: &Quote{Post: &Post{Author: Author{NoIndex: true}}}}
	for name, test := range map[string]struct {
		post *Post
		want string
	}{
		"all": {full, "domain:a.example domain:c.example domain:example domain:t.example domain:www.c.example " +
			"from:handle from:handle@a.example has:link has:media has:poll has:quote is:bot is:noindex is:reply is:repost is:sensitive " +
			"lang:en lang:en-gb lang:nb lang:no source:mastodon tag:beside tag:tag " +
			"who:handle who:handle@a.example who:ren.example who:rin who:rin@b.example"},
		"bare":         {bare, ""},
		"preview":      {previewed, "domain:c.example domain:example has:link"},
		"hidden quote": {hiddenQuote, "is:sensitive"},
		"quoting":      {quoting, "has:quote is:noindex"},
	} {
		_, terms := SearchIndex(test.post)
		if d := cmp.Diff(strings.Fields(test.want), terms); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestSearchIndex_HasTheContentAndTheAuthorFolded(t *testing.T) {
	p := everyPart()
	p.Quote = &Quote{Post: saying("quoted words")}
	text, _ := SearchIndex(p)
	for _, word := range []string{"text #tag", "warning", "a described picture", "first option", "headline", "a summary", "anna name", "handle@a.example"} {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in %q", word, text)
		}
	}
	for _, word := range []string{"Anna", "quoted words", "reposter", "\n"} {
		if strings.Contains(text, word) {
			t.Errorf("%q is in %q", word, text)
		}
	}
}
