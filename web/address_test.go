package web

import (
	"strconv"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/weburl"
)

func TestAddress_OnlySafeAddressesPass(t *testing.T) {
	long := "https://example.org/" + strings.Repeat("a", weburl.Longest)
	for _, c := range []struct{ raw, link, image string }{
		{"https://example.org/a?b=c#d", "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"},
		{"http://example.org/", "http://example.org/", ""},
		{"HTTPS://Example.org", "https://example.org", "https://example.org"},
		{"https://日本語.example/道", "https://xn--wgv71a119e.example/%E9%81%93", "https://xn--wgv71a119e.example/%E9%81%93"},
		{"https://example.org/sale-50%-off?a=1%", "https://example.org/sale-50%-off?a=1%", "https://example.org/sale-50%-off?a=1%"},
		{"https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
		{`https://example.org/"><script>`, "https://example.org/%22%3E%3Cscript%3E", "https://example.org/%22%3E%3Cscript%3E"},
		{"https://example.org/a?b=7 V\xcd\"<|>`\\^{}&c=[1]%20道", "https://example.org/a?b=7%20V%CD%22%3C%7C%3E%60%5C%5E%7B%7D&c=[1]%20%E9%81%93", "https://example.org/a?b=7%20V%CD%22%3C%7C%3E%60%5C%5E%7B%7D&c=[1]%20%E9%81%93"},
		{"https://example.org/#a b\"\xcd", "https://example.org/#a%20b%22%CD", "https://example.org/#a%20b%22%CD"},
		{"/static/demo/a.svg", "", "/static/demo/a.svg"},
		{"/static/../streaming", "", ""},
		{"/static/%2e%2e/streaming", "", ""},
		{"/static//example.org", "", ""},
		{`/static/\example.org`, "", ""},
		{"/other/a.svg", "", ""},
		{"//example.org/a.png", "", ""},
		{"javascript:alert(1)", "", ""},
		{"JaVaScRiPt:alert(1)", "", ""},
		{" javascript:alert(1)", "", ""},
		{"java\tscript:alert(1)", "", ""},
		{"java\nscript:alert(1)", "", ""},
		{"\x01javascript:alert(1)", "", ""},
		{"data:text/html,<script>alert(1)</script>", "", ""},
		{"vbscript:msgbox(1)", "", ""},
		{"blob:https://example.org/1", "", ""},
		{"file:///etc/passwd", "", ""},
		{"https://user@example.org/", "", ""},
		{"https://user:word@example.org/", "", ""},
		{`https://example.org\@evil.example/`, "https://example.org/@evil.example/", "https://example.org/@evil.example/"}, // as in browsers
		{"https://", "", ""},
		{`https://a"onerror="b/`, "", ""},
		{"https://<b>/", "", ""},
		{"https://exa mple.org/", "", ""},
		{"https://example.org:port/", "", ""},
		{"mailto:a@example.org", "", ""},
		{"relative/path", "", ""},
		{long, "", ""},
		{"/static/" + strings.Repeat("道", weburl.Longest/3-3), "", ""},
		{"", "", ""},
	} {
		if got := linkAddress(c.raw); got != c.link {
			t.Errorf("linkAddress(%.80q) = %q, want %q", c.raw, got, c.link)
		}
		if got := imageAddress(c.raw); got != c.image {
			t.Errorf("imageAddress(%.80q) = %q, want %q", c.raw, got, c.image)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("https://example.org/a?b=c")
	f.Add("/static/demo/a.svg")
	f.Add("java\tscript:alert(1)")
	f.Fuzz(func(t *testing.T, raw string) {
		for _, got := range []string{linkAddress(raw), imageAddress(raw)} {
			safe := strings.HasPrefix(got, "http://") || strings.HasPrefix(got, "https://") ||
				strings.HasPrefix(got, "/static/") && !strings.Contains(got, "/../")
			if got != "" && (!safe || len(got) > weburl.Longest || strings.ContainsAny(got, "\"<>\\` \t\n")) {
				t.Errorf("%q became %q", raw, got)
			}
		}
	})
}

func TestTagPath_LeadsToAViewOfTheTag(t *testing.T) {
	for text, want := range map[string]string{
		"#go": "/tag/go", "＃川まつり": "/tag/%E5%B7%9D%E3%81%BE%E3%81%A4%E3%82%8A", "#C++": "/tag/C++", "#a/b?c#d": "/tag/a%2Fb%3Fc%23d",
		"$RIVR": "", "#": "", "#.": "", "#..": "", "go": "", `#a"b`: "", "#“a”": "", "#" + strings.Repeat("a", 254): "",
	} {
		if got := tagPath(text); got != want {
			t.Errorf("%s leads to %q, want %q", text, got, want)
		}
	}
	f := newFixture(t)
	for _, text := range []string{"#go", "#" + strings.Repeat("a", 253), "＃川まつり", "#a/b?c#d", "#C++", "#👍🏽"} {
		f.emit(create(tagged(len(text), text)))
		if body := f.get(tagPath(text)).Body.String(); tagPath(text) == "" || !strings.Contains(body, `data-post="replay:`+strconv.Itoa(len(text))+`"`) {
			t.Errorf("the view of %s at %q doesn't have the post", text, tagPath(text))
		}
	}
}

func TestAuthorPage_IsThePathOfAViewOrNone(t *testing.T) {
	f := newFixture(t)
	for i, handle := range []string{"mio", "mio@town.example", "a b", "a/b?c", "川", "...", "..", "", `a"b`, strings.Repeat("a", 233), strings.Repeat("a", 234)} {
		p := post(i, "Look")
		p.Author.Handle = handle
		f.emit(create(p))
		path := authorPage(p.Source, handle)
		if none := i >= 5 && i != 9; none {
			if path != "" {
				t.Errorf("the author %q has the page %s", handle, path)
			}
			continue
		}
		if body := f.get(path).Body.String(); !strings.Contains(body, `data-post="`+p.ID+`"`) || !strings.Contains(body, `href="`+path+`"`) {
			t.Errorf("the page of %q at %q doesn't have the post with a link to it", handle, path)
		}
	}
}

// tagged returns a post with a hashtag.
func tagged(n int, tag string) *stream.Post {
	p := post(n, "Look: ")
	p.Text = append(p.Text, stream.Segment{Kind: stream.Hashtag, Text: tag, Href: "https://example.org/tags"})
	return p
}
