package web

import (
	"strings"
	"testing"

	"nagare/stream/query"
)

func TestExcerpt_EndsWithAWholeWord(t *testing.T) {
	for text, want := range map[string]string{
		"A short text.": "A short text.",
		strings.Repeat("word ", 19) + "elephants": strings.TrimSpace(strings.Repeat("word ", 19)) + "…",
		strings.Repeat("word ", 20) + "more":      strings.TrimSpace(strings.Repeat("word ", 20)) + "…",
		strings.Repeat("川", 40):                   strings.Repeat("川", 33) + "…",
	} {
		if got := excerpt(text); got != want {
			t.Errorf("%q is cut to %q, want %q", text, got, want)
		}
	}
}

func TestPathOf_IsTheAddressThatStandsForAQuery(t *testing.T) {
	for text, want := range map[string]string{
		"#Go": "/tag/go", "lang:JA": "/lang/ja", "from:mio": "/by/mio", "source:bluesky from:mio": "/by/bluesky/mio", "source:bluesky": "/source/bluesky",
		"": "", "rain": "", "-#go": "", "#go rain": "", "from:mio -rain": "", "#a #b": "", "has:media": "",
	} {
		q, err := query.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := pathOf(q); got != want {
			t.Errorf("%q has the path %q, want %q", text, got, want)
		}
	}
}
