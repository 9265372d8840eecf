package query

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream/fold"
)

func TestParse_CanonicalFormIsFoldedAndSorted(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		" \t　":                            "",
		"go":                              "go",
		"Zebra ant":                       "ant zebra",
		"go GO ｇｏ":                        "go",
		`"Live  Music"`:                   `"live music"`,
		`“live music”`:                    `"live music"`,
		`„live music“ «go»`:               `"live music" go`,
		`rust"live music"go`:              `"live music" go rust`,
		`"go"`:                            "go",
		"don’t":                           "don't",
		"-spam":                           "-spam",
		"－spam −x –y":                     "-spam -x -y",
		"--x":                             `-"-x"`,
		`-"live music"`:                   `-"live music"`,
		`"-x"`:                            `"-x"`,
		"rock-n-roll":                     "rock-n-roll",
		"#Tokyo ＃ＴＯＫＹＯ":                   "#tokyo",
		"#Archäologie":                    "#archaologie",
		"###go":                           "#go",
		`#"live music"`:                   `#"live music"`,
		`"#go"`:                           `"#go"`,
		"-#ad":                            "-#ad",
		"@Mio ＠mio":                       "@mio",
		"@@mio@Town.example":              "@mio@town.example",
		"mio@town.example":                "mio@town.example",
		"from:@Mio.bsky.social FROM:mio":  "from:mio from:mio.bsky.social",
		"ＦＲＯＭ：mio":                        "from:mio",
		"lang:JA lang:en_GB":              "lang:en-gb lang:ja",
		"source:Bluesky":                  "source:bluesky",
		"has:media has:link has:poll":     "has:link has:media has:poll",
		"-has:quote -is:reply -is:repost": "-has:quote -is:reply -is:repost",
		"is:sensitive":                    "is:sensitive",
		"is:BOT":                          "is:bot",
		"domain:Town.Example. domain:ＢＥＲＧ.example":              "domain:berg.example domain:town.example",
		"domain:https://user@Town.example:80/a?b#c -domain:a.b": "-domain:a.b domain:town.example",
		"domain:münchen.example domain:xn--mnchen-3ya.example":  "domain:xn--mnchen-3ya.example",
		`from:"a b"`:                       `from:"a b"`,
		"10:30 https://a.example/#x c++":   "10:30 c++ https://a.example/#x",
		"foo:bar":                          "foo:bar",
		`"from:mio"`:                       `"from:mio"`,
		"i\u200bs:x":                       `"is:x"`,
		"\u200b \u00ad":                    "",
		"東京　雨":                             "東京 雨",
		"a\x00b \xff":                      "ab \ufffd",
		"is:reply lang:ja @mio #go -x ano": "#go -x @mio ano is:reply lang:ja",
	} {
		q, err := Parse(text)
		if got := q.String(); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
		if q.IsZero() != (want == "") {
			t.Errorf("%q: IsZero is %v", text, q.IsZero())
		}
	}
}

func TestParse_SaysWhatIsWrongAndWhere(t *testing.T) {
	for text, want := range map[string]Error{
		strings.Repeat("x", 257):          {TooLong, 0, ""},
		strings.Repeat("字", 86):           {TooLong, 0, ""},
		strings.Repeat("ﷺ", 16):           {TooLong, 0, ""}, // 18 characters when folded
		strings.Repeat("x ", 16) + "last": {TooMany, 32, "last"},
		`東京 "live`:                        {Unclosed, 3, `"live`},
		`go -"live`:                       {Unclosed, 3, `-"live`},
		"rock - roll":                     {Empty, 5, "-"},
		"go #":                            {Empty, 3, "#"},
		"@":                               {Empty, 0, "@"},
		"@@@ x":                           {Empty, 0, "@@@"},
		"from: mio":                       {Empty, 0, "from:"},
		`x ""`:                            {Empty, 2, `""`},
		`-"` + "\u200b" + `"`:             {Empty, 0, "-\"\u200b\""},
		"has:":                            {Empty, 0, "has:"},
		"has:cats":                        {UnknownHas, 0, "has:cats"},
		"go -is:it":                       {UnknownIs, 3, "-is:it"},
		"is:noindex":                      {UnknownIs, 0, "is:noindex"},
		"lang:日本語":                        {UnknownLang, 0, "lang:日本語"},
		"domain:":                         {Empty, 0, "domain:"},
		"domain:a..b":                     {UnknownDomain, 0, "domain:a..b"},
		"x domain:[::1]":                  {UnknownDomain, 2, "domain:[::1]"},
		`domain:"a b"`:                    {UnknownDomain, 0, `domain:"a b"`},
		"lang:j":                          {UnknownLang, 0, "lang:j"},
		"lang:ja-":                        {UnknownLang, 0, "lang:ja-"},
	} {
		q, err := Parse(text)
		var got *Error
		if !errors.As(err, &got) || *got != want || !q.IsZero() {
			t.Errorf("%q: got %+v, want %+v", text, err, want)
		}
	}
	wants := []*Error{{Empty, 0, "-"}, {UnknownHas, 5, "has:cats"}, {Unclosed, 16, `"c`}}
	if diff := cmp.Diff(wants, Faults(`- 東京 has:cats x "c`)); diff != "" {
		t.Errorf("all that is wrong: %s", diff)
	}
	_, err := Parse("東京 has:cats x")
	if want := "has:cats, at character 4: want has:media, has:link, has:poll or has:quote"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, kind := range []Kind{TooLong, TooMany, Unclosed, Empty, UnknownHas, UnknownIs, UnknownLang, UnknownDomain} {
		if (&Error{Kind: kind}).Error() == "" {
			t.Errorf("%s: no words", kind)
		}
	}
}

func TestQuery_MatchesIfEveryClauseDoes(t *testing.T) {
	text := fold.Text("The ferry to Nagasaki\n\ufffc\nMio mio@town.example")
	terms := slices.Concat(From("Mio@town.example"), Involving("Mio@town.example"), Involving("@kei.bsky.social"), Lang("en-GB"),
		[]string{Tag("#Boats"), Source("mastodon"), HasMedia, IsReply}, Domain("https://www.News.example/x"), Domain("Mio@town.example"))
	slices.Sort(terms)
	for query, want := range map[string]bool{
		"":                                true,
		"ferry":                           true,
		"ferr":                            false,
		"nagasaki FERRY":                  true,
		"ferry train":                     false,
		`"ferry to"`:                      true,
		`"ferry nagasaki"`:                false,
		`"nagasaki mio"`:                  false,
		"-train":                          true,
		"-ferry":                          false,
		"ferry -ferry":                    false,
		"#boats":                          true,
		"#boat":                           false,
		"boats":                           false,
		"-#boat":                          true,
		"@mio":                            true,
		"@mio@town.example":               true,
		"@mio@other.example":              false,
		"@kei.bsky.social":                true,
		"@kei":                            false,
		"from:mio":                        true,
		"from:kei.bsky.social":            false,
		"lang:en":                         true,
		"lang:en-gb":                      true,
		"lang:en-us":                      false,
		"lang:ja":                         false,
		"source:mastodon -source:bluesky": true,
		"has:media is:reply":              true,
		"domain:news.example":             true,
		"domain:example":                  true,
		"domain:town.example":             true,
		"domain:ews.example":              false,
		"domain:www.town.example":         false,
		"has:poll":                        false,
		"-is:repost ferry @kei.bsky.social lang:en": true,
	} {
		q, err := Parse(query)
		if err != nil {
			t.Fatal(query, err)
		}
		if got := q.Matches(text, terms); got != want {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
}

// Browsers decode the host of an address, accept any number of slashes of both kinds, and remove line breaks.
func TestDomain_IsTheHostThatBrowsersConnectTo(t *testing.T) {
	for _, address := range []string{
		"https://evil%2ecom/", "https://%65vil.com", "https:evil.com/a.b", "https:/evil.com", `https:\\evil.com\a`, "https:////evil.com",
		" HTTPS://EVIL.COM:443/", "https://ev\til.co\nm/", "http://ｅｖｉｌ。com/", "https://evil.com./", "https://ev%C2%ADil.com/", "https://user@evil.com/",
	} {
		if terms := Domain(address); !slices.Contains(terms, "domain:evil.com") {
			t.Errorf("%q: got %q", address, terms)
		}
	}
	if terms := Domain("http://0x7f.1/"); !slices.Contains(terms, "domain:127.0.0.1") {
		t.Errorf("a number: got %q", terms)
	}
}

func TestDomain_HasFewTermsHoweverLongTheName(t *testing.T) {
	terms := Domain("https://" + strings.Repeat("a.", 60) + "example/")
	if want := 1 + mostSuffixes; len(terms) != want || !slices.Contains(terms, "domain:a.example") || !slices.Contains(terms, "domain:example") {
		t.Errorf("got %d terms, want %d: %q", len(terms), want, terms)
	}
	for _, address := range []string{"", "https://", "https://[::1]/", "a b", "...", "@", "https://a..b/"} {
		if terms := Domain(address); terms != nil {
			t.Errorf("%q: got %q", address, terms)
		}
	}
}

func TestQuery_NeedsWhatEveryMatchHas(t *testing.T) {
	q, err := Parse(`ferry "to nagasaki" -train #boats @mio -has:media lang:ja`)
	if err != nil {
		t.Fatal(err)
	}
	words, terms := q.Needs()
	if d := cmp.Diff([]string{"to nagasaki", "ferry"}, words) + cmp.Diff([]string{"tag:boats", "who:mio", "lang:ja"}, terms); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`ferry "live music" -spam #tokyo @mio from:mio@town.example lang:ja source:bluesky has:media -is:reply`,
		"--x -- - # ＃ “a” „b“ is:it lang:en_GB", "###\u0301x #\u00a8 \u00a8x", "from:@ @\u200b@x", "ſ ﷺ ŉ İ ß", "domain:ß.İ domain:https://x:1/ domain:..", "\xff\x00\u2028x\u0085y", `a"b"c"`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || strings.ContainsAny(string(e.Kind), "\n ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := Parse(q.String())
		if err != nil || again.String() != q.String() || !slices.Equal(again.clauses, q.clauses) {
			t.Fatalf("%q has the canonical form %q, and that %q, %v", text, q, again, err)
		}
		words, terms := q.Needs()
		slices.Sort(terms)
		q.Matches(strings.Join(words, " "), terms)
	})
}
