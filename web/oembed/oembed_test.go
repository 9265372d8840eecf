package oembed

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func link() Response {
	return Link("Mio: hello", "Nagare", "https://site.example/")
}

func newPost(text string) Post {
	return Post{
		URL: "https://site.example/post/1", Author: "Mio", AuthorURL: "https://network.example/mio", Lang: "ja", Text: text,
		Published: time.Date(2026, 11, 29, 23, 30, 0, 0, time.FixedZone("", 9*60*60)),
	}
}

// The parameters are those of section 2.3.4 of the specification.
func TestResponse_HasTheParametersOfItsType(t *testing.T) {
	for _, c := range []struct {
		response Response
		required string
	}{
		{link(), "version type title provider_name provider_url cache_age"},
		{link().Quoted(newPost("hello"), Bounds{}), "version type title author_name author_url provider_name provider_url cache_age html width height"},
	} {
		text, err := json.Marshal(c.response)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if fields := strings.Fields(c.required); len(got) != len(fields) || got["version"] != "1.0" {
			t.Errorf("got %s, want %s", text, c.required)
		}
		for name := range strings.FieldsSeq(c.required) {
			if got[name] == nil || got[name] == "" {
				t.Errorf("%s is missing in %s", name, text)
			}
		}
	}
}

func TestQuoted_FitsIntoTheBoundsOrIsALink(t *testing.T) {
	long := newPost(strings.Repeat("words and more words ", 30))
	for within, rich := range map[Bounds]bool{
		{}: true, {Width: 2000}: true, {Width: 300}: true, {Width: 219}: false, {Height: 2000}: true, {Height: 200}: false, {Width: 300, Height: 600}: false,
	} {
		got := link().Quoted(long, within)
		if (got.Type == "rich") != rich {
			t.Errorf("%+v: the type is %s", within, got.Type)
		}
		if rich && (within.Width > 0 && got.Width > within.Width || within.Height > 0 && got.Height > within.Height || got.Width > 550) {
			t.Errorf("%+v: the size is %d by %d", within, got.Width, got.Height)
		}
		if !rich && (got.HTML != "" || got.Type != "link") {
			t.Errorf("%+v: got %+v, want a link", within, got)
		}
	}
}

func TestRich_TextIsNeverMarkup(t *testing.T) {
	const hostile = `</blockquote><script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="x`
	p := newPost(hostile + "\n\n" + hostile)
	p.Author, p.AuthorURL, p.Lang = hostile, "javascript:alert(1)", hostile
	got := link().Quoted(p, Bounds{})
	parsed, err := html.ParseFragment(strings.NewReader(got.HTML), nil)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]string{"html": "", "head": "", "body": "", "blockquote": "cite lang", "p": "", "bdi": "", "br": "", "footer": "", "a": "href rel", "time": "datetime"}
	for _, root := range parsed {
		for n := range root.Descendants() {
			attributes, is := allowed[n.Data]
			if n.Type == html.ElementNode && !is {
				t.Errorf("the element %s is in %s", n.Data, got.HTML)
			}
			for _, a := range n.Attr {
				if !strings.Contains(attributes, a.Key) || strings.HasPrefix(a.Val, "javascript:") {
					t.Errorf("the attribute %s=%s is in %s", a.Key, a.Val, got.HTML)
				}
			}
		}
	}
	if !strings.Contains(got.HTML, "2026-11-29 14:30 UTC") {
		t.Errorf("the time in UTC is not in %s", got.HTML)
	}
}
