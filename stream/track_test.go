package stream

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseWords_ReadsAList(t *testing.T) {
	for list, want := range map[string]struct{ words, without []string }{
		"":                                  {},
		"  ":                                {},
		"go":                                {[]string{"go"}, nil},
		`go,"live music",#tokyo,-spam`:      {[]string{"go", "live music", "#tokyo"}, []string{"spam"}},
		` go , live music , -"a, b" ,-#ad `: {[]string{"go", "live music"}, []string{"a, b", "#ad"}},
		"東京,＃祭り":                            {[]string{"東京", "＃祭り"}, nil},
		"e-mail":                            {[]string{"e-mail"}, nil},
	} {
		words, without, err := ParseWords(list)
		if diff := cmp.Diff(want.words, words) + cmp.Diff(want.without, without); err != nil || diff != "" {
			t.Errorf("%q: %v %s", list, err, diff)
		}
	}
}

func TestParseWords_ReportsWhatIsWrong(t *testing.T) {
	for list, want := range map[string]string{
		"go,,x":        "word 2: nothing in it",
		"go,":          "word 2: nothing in it",
		",":            "word 1: nothing in it",
		"go,-":         "word 2: nothing in it",
		`""`:           "word 1: nothing in it",
		"#":            "word 1: nothing in it",
		"\u200b":       "word 1: nothing in it",
		`go,"live`:     "word 2: its quote has no end",
		`"live" music`: `word 1: a comma is missing after "live"`,
		`live "music"`: `word 1: a quote in the middle of "live \"music\""`,
		"#live music":  `word 1: a space in the hashtag "#live music"`,
	} {
		_, _, err := ParseWords(list)
		if err == nil || err.Error() != want || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %s", list, err, want)
		}
	}
}

// ParseWords accepts no word that a filter could not search for.
func FuzzParseWords(f *testing.F) {
	f.Add(`go,"live music",#tokyo,-spam`)
	f.Add("-,\"#\u200b ,")
	f.Fuzz(func(t *testing.T, list string) {
		words, without, err := ParseWords(list)
		for _, word := range append(words, without...) {
			if len(patternsOf([]string{word})) != 1 || err != nil {
				t.Errorf("%q is in %q; %v", word, list, err)
			}
		}
	})
}
