package bluesky

import (
	"strings"
	"testing"

	"nagare/stream"
)

func TestBluesky_OnlyAGIFWithAStillPictureIsShownAsAGIF(t *testing.T) {
	const gif = `{"$type":"app.bsky.embed.external","external":{"uri":"https://media.tenor.com/a/b.gif?hh=30&ww=40","title":"cat","description":"ALT: a cat","thumb":` + blobJSON + `}}`
	for name, tt := range map[string]struct {
		old, new string
		is       bool
		alt      string
	}{
		"default description":     {"", "", true, "a cat"},
		"the author's own":        {"ALT: a", "Alt: my", true, "my cat"},
		"no description":          {"ALT: a cat", "", true, ""},
		"another service":         {"media.tenor.com", "static.klipy.example", true, "a cat"},
		"a page about a file":     {"ALT: a cat", "cat pictures", true, "cat pictures"},
		"a link to another file":  {"b.gif", "b.html", false, ""},
		"no still picture":        {blobJSON, `{}`, false, ""},
		"a file without a prefix": {`https://media.tenor.com/a/b.gif?hh=30&ww=40","title":"cat","description":"ALT: `, `https://site.example/b.gif","title":"cat","description":"`, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := embedded(t, strings.Replace(gif, tt.old, tt.new, 1))
			if is := len(p.Media) == 1; is != tt.is || is == (p.Preview != nil) || is && (p.Media[0].Kind != "gif" || p.Media[0].Alt != tt.alt) {
				t.Errorf("got media %+v and preview %+v", p.Media, p.Preview)
			}
		})
	}
}

func TestShortAddress_ShortensOnlyTheTextOfALinkThatIsAnAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com/":                   "example.com",
		"http://example.com":                     "example.com",
		"https://example.com/fifteen-chars-":     "example.com/fifteen-chars-",
		"https://example.com/fifteen-chars-x":    "example.com/fifteen-char…",
		"https://example.com?a=looooooooooooong": "example.com?a=looooooooo…",
		"https://example.com/日本語の長いアドレスですよ":      "example.com/日本語の長いアドレスですよ",
		"https://example.com/日本語の長いアドレスですよね!":    "example.com/日本語の長いアドレスです…",
		"example.com/a/long/path/without":        "example.com/a/long/path/without",
		"https://":                               "https://",
		"httpsomething":                          "httpsomething",
		"see https://example.com/a/long/path":    "see https://example.com/a/long/path",
	} {
		if got := shortAddress(stream.Segment{Kind: stream.Link, Text: in}); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if got := shortAddress(stream.Segment{Text: in}); got != in {
			t.Errorf("plain text %q becomes %q", in, got)
		}
	}
}
