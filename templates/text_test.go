package templates

import (
	"strings"
	"testing"
)

func TestCard_OmitsALinkThatThePreviewBelowRepeats(t *testing.T) {
	words, link := Segment{Text: "The council met. "}, Segment{Kind: "link", Text: "news.example", Href: "https://news.example/a"}
	tags := []Segment{{Text: " "}, {Kind: "hashtag", Text: "#a"}, {Text: " "}, {Kind: "hashtag", Text: "#b"}, {Text: " "}, {Kind: "hashtag", Text: "#c"}}
	preview := &Preview{URL: "https://news.example/a/", Title: "Nine hours"}
	for name, c := range map[string]struct {
		post Post
		want bool // whether the text shows the link
	}{
		"at the end":           {Post{Text: []Segment{words, link}, Preview: preview}, false},
		"before blanks":        {Post{Text: []Segment{words, link, {Kind: "break"}, {Text: " "}}, Preview: preview}, false},
		"before hashtags":      {Post{Text: append([]Segment{words, link}, tags...), Preview: preview}, false},
		"behind a warning":     {Post{Text: []Segment{words, link}, Preview: preview, Warning: []Segment{{Text: "news"}}, Sensitive: true}, false},
		"in the middle":        {Post{Text: []Segment{words, link, words}, Preview: preview}, true},
		"alone":                {Post{Text: []Segment{link}, Preview: preview}, true},
		"no preview":           {Post{Text: []Segment{words, link}}, true},
		"of another page":      {Post{Text: []Segment{words, link}, Preview: &Preview{URL: "https://news.example/b"}}, true},
		"a preview in a cover": {Post{Text: []Segment{words, link}, Preview: preview, Sensitive: true}, true},
		"no text at all":       {Post{Preview: preview}, false},
	} {
		var b strings.Builder
		if err := Card(c.post).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), `href="https://news.example/a"`); got != c.want {
			t.Errorf("%s: the link is shown: %t, want %t", name, got, c.want)
		}
	}
}
