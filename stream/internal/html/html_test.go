package html

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/internal/text"
	"nagare/stream/streamtest"
)

func wantFlat(t *testing.T, rules Rules, table map[string]string) {
	t.Helper()
	for source, want := range table {
		if got := streamtest.Flat(Cut(source, rules)); got != want {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
}

func TestCut_BreaksLinesLikeABrowser(t *testing.T) {
	wantFlat(t, Rules{}, map[string]string{
		"":                                 "",
		"plain":                            "plain",
		"<p>a</p><p>b</p>":                 "a¶¶b",
		"<p>a</p>\n <p>b</p>\n":            "a¶¶b",
		"<p>a<br>b<br/>c</br>d</p>":        "a¶b¶c¶d",
		"<p>a <br> b</p>":                  "a¶ b",
		"<p>a<br></p><p><br>b<br></p>":     "a¶¶¶b",
		"<p>a  \n\t b</p>":                 "a¶\t b",
		"<p>a\u00a0 b</p>":                 "a\u00a0 b",
		"<p>a<p>b<p>c":                     "a¶¶b¶¶c",
		"a</p>b":                           "a¶¶b",
		"<div>a</div><div>b</div>c":        "a¶b¶c",
		"<h1>a</h1>b<hr>c":                 "a¶¶b¶¶c",
		"<p>&lt;b&gt; &amp;amp; &#39;</p>": "<b> &amp; '",
		"<span>a</span> <span>b</span>":    "a b",
		"<p>a<br />\nb<br>\n\nc</p>":       "a¶b¶¶c",
		"<p>first\nsecond\n\nnew</p>":      "first¶second¶¶new",
		"<p>one    two</p>":                "one    two",
		"<p>  a\n    b\n</p>\n<p>\nc</p>":  "  a¶    b¶¶c",
		"<ul>\n <li>\n  a</li>\n</ul>":     "• a",
		"a\n<a href=https://a.example>\n b\n c </a>\nd": "a¶ link[b c](https://a.example)¶d",
		"<p>a" + strings.Repeat("\n", 290) + "b</p>":    "a" + strings.Repeat("¶", stream.MostBreaks) + "b",
		"a" + strings.Repeat("<br>", 1000) + "b":        "a" + strings.Repeat("¶", stream.MostBreaks) + "b",
	})
}

func TestCut_WritesFormattingAsPlainTextSigns(t *testing.T) {
	wantFlat(t, Rules{}, map[string]string{
		"<b>a</b>b <i> c </i>d":                                "**a**b  *c* d",
		"<strong><em>a</em></strong>":                          "***a***",
		"<em>a<p>b":                                            "*a¶¶b*",
		"<b></b>a<i> </i>b":                                    "a b",
		"<del>a</del> <code>x &lt; y</code>":                   "~~a~~ `x < y`",
		"<pre><code>\nx\n  y\r\n</code></pre>z":                "x¶  y¶¶z",
		"<pre>\nx</pre>":                                       "x",
		"<blockquote><p>a<br>b</p><p>c</p></blockquote>d":      "> a¶> b¶¶> c¶¶d",
		"<blockquote>a<blockquote>b</blockquote></blockquote>": "> a¶¶> > b",
		"a<ul><li>b</li><li>c</li></ul>d":                      "a¶¶• b¶• c¶¶d",
		"<ul><li>a<ul><li>b</ul><li>c</ul>":                    "• a¶• b¶• c",
		"<ol><li>a<li>b</ol>":                                  "1. a¶2. b",
		"<ol start=3><li>a<li value=7>b<li>c</ol>":             "3. a¶7. b¶8. c",
		"<ol start=2 reversed><li>a<li>b</ol>":                 "2. a¶1. b",
		"<ol start=99999999999999999999><li>a</ol>":            "1. a",
		"<li>a": "• a",
		"<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字": "漢(kan)字",
	})
}

func TestCut_SeparatesTheCellsOfATable(t *testing.T) {
	wantFlat(t, Rules{}, map[string]string{
		"<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ada</td> <td>12</td></tr></table>z": "Name | Age¶Ada | 12¶¶z",
		"<table>\n<tr>\n<td>a</td>\n<td></td>\n<td>b</td>\n</tr>\n</table>":                   "a | | b",
		"<table><tr><td>a<td>b<tr><td>c</table>":                                              "a | b¶c",
		"<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>":                          "a | b",
		"<table><tr><td><a href=https://a.example>y</a></td><td><b>b</b></td></tr></table>":   "link[y](https://a.example) | **b**",
		"<table><tr><td>" + strings.Repeat("</td><td>", 1000) + "b</td></tr></table>":         strings.Repeat(" |", mostCells) + " b",
		"<table><tr><td>a</td></tr><caption>c</caption></table><td>d</td>e":                   "a¶c¶¶d | e",
	})
}

func TestCut_KeepsTheMeaningOfSuperscriptsAndSubscripts(t *testing.T) {
	wantFlat(t, Rules{}, map[string]string{
		"10<sup>6</sup> CO<sub>2</sub>":                                "10⁶ CO₂",
		"10<sup>-<b>3</b></sup>":                                       "10⁻**³**",
		"x<sup>Q</sup> m<sub>total mass</sub> the 1<sup>st</sup>":      "x^Q m_(total mass) the 1ˢᵗ",
		"a<sup>[1]</sup><sup> </sup>b":                                 "a^[1] b",
		"a<sup><a href=https://a.example>1</a></sup>":                  "alink[¹](https://a.example)",
		"a<sup><a href=https://a.example class=mention>@rin</a></sup>": "amention[@rin](https://a.example)",
	})
}

func TestCut_FindsLinksMentionsAndHashtags(t *testing.T) {
	known := func(href string) string {
		return map[string]string{"https://b.example/@mio": "@mio@b.example"}[href]
	}
	wantFlat(t, Rules{Mention: known, Emoji: map[string]string{"seal": "https://a.example/seal.png"}}, map[string]string{
		`<a href="https://a.example/x"><span class="invisible">https://</span><span class="ellipsis">a.exam</span><span class="invisible">ple/x</span></a>.`: "link[a.exam…](https://a.example/x).",
		`x<a href="https://a.example"> y </a>z`:                                                                     "x link[y](https://a.example) z",
		`<a href="https://a.example"><b>y</b><br>z<p>w</p></a>`:                                                     "link[y z w](https://a.example)",
		`<b><a href="https://a.example">y</a></b>`:                                                                  "**link[y](https://a.example)**",
		`<a href="https://a.example/long/path"><img src="x"></a>`:                                                   "link[a.example/long/path](https://a.example/long/path)",
		`<a href="https://a.example">:seal:</a> :seal:`:                                                             "link[:seal:](https://a.example) <:seal:>",
		`<a href="https://a.example">y<a href="https://b.example">z`:                                                "link[y](https://a.example)link[z](https://b.example)",
		`<a href="javascript:alert(1)">y</a>`:                                                                       "y",
		`<a href=" java&#10;script:alert(1)">y</a><a>z</a>`:                                                         "yz",
		`<a href="https://u:p@a.example">y</a>`:                                                                     "y",
		`<span class="h-card"><a href="https://b.example/@mio" class="u-url mention">@<span>mio</span></a></span>!`: "mention[@mio@b.example](https://b.example/@mio)!",
		`<a href="https://c.example/@rin" class="mention">@<span>rin</span></a>`:                                    "mention[@rin](https://c.example/@rin)",
		`<a href="https://b.example/@mio">this one</a>`:                                                             "link[this one](https://b.example/@mio)",
		`<a href="javascript:1" class="mention">@rin</a>`:                                                           "mention[@rin]()",
		`<a href="https://a.example/tags/Go" class="mention hashtag">#<span>Go</span></a>`:                          "hashtag[#Go](https://a.example/tags/Go)",
		`<a href="https://a.example/tags/Go" rel="nofollow tag">#Go</a>`:                                            "hashtag[#Go](https://a.example/tags/Go)",
		`<a href="https://a.example/!g" class="mention">!g</a>`:                                                     "link[!g](https://a.example/!g)",
	})
}

func TestCut_KeepsTheAddressOfAShortenedLink(t *testing.T) {
	got := Cut(`<a href="https://a.example/x">a.example</a> <a href="https://a.example/x">https://a.example/x</a>`, Rules{})
	want := []stream.Segment{
		{Kind: stream.Link, Text: "a.example", Href: "https://a.example/x", Title: "https://a.example/x"}, {Text: " "},
		{Kind: stream.Link, Text: "https://a.example/x", Href: "https://a.example/x"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCut_RemovesScriptsAndUnknownMarkup(t *testing.T) {
	wantFlat(t, Rules{}, map[string]string{
		`a<script>alert("</p>")</script>b`:                       "ab",
		`a<SCRIPT src=x>b</SCRIPT >c`:                            "ac",
		`a<script>b`:                                             "a",
		`a<style>*{display:none}</style>b<iframe>c</iframe>d`:    "abd",
		`<p onclick="x()">a</p><img src=x onerror=alert(1)>`:     "a",
		`a<svg onload=x><circle/></svg>b<math>c</math>`:          "abc",
		`a<template>b</template>c<noscript><b>d</b></noscript>e`: "ace",
		`a<!-- <b>x</b> -->b<![CDATA[c]]>d<?php x ?>e`:           "abde",
		`a<unknown-thing foo="bar">b</unknown-thing>`:            "ab",
		`a<span class="x invisible">b<span>c</span>d</span>e`:    "ae",
		`a<b`:   "a",
		`a</`:   "a</",
		`a < b`: "a < b",
	})
}

func TestCut_DropsTheLinkToAQuotedPostThatIsShown(t *testing.T) {
	const source = `<p class="quote-inline">RE: <a href="https://a.example/1">a</a></p><p>b <span class="quote-inline">c</span></p>`
	wantFlat(t, Rules{Unquote: true}, map[string]string{source: "b"})
	wantFlat(t, Rules{}, map[string]string{source: "RE: link[a](https://a.example/1)¶¶b c"})
}

func TestCut_FindsCustomEmojiNextToAnyCharacter(t *testing.T) {
	seal := Rules{Emoji: map[string]string{"seal": "https://a.example/seal.png", "a_b": "https://a.example/ab.png"}}
	wantFlat(t, seal, map[string]string{
		":seal:":                        "<:seal:>",
		"a :seal:, (:a_b:)":             "a <:seal:>, (<:a_b:>)",
		":not_listed: :seal":            ":not_listed: :seal",
		"x:seal: :seal:x 1:seal:":       "x<:seal:> <:seal:>x 1<:seal:>",
		":seal::seal: ::seal:":          "<:seal:><:seal:> :<:seal:>",
		"12:30:45 :seal:":               "12:30:45 <:seal:>",
		"です:seal: 。:seal:。":             "です<:seal:> 。<:seal:>。",
		"<code>:seal:</code>":           "`:seal:`",
		"<pre>:seal:</pre>":             ":seal:",
		":<b>seal</b>:":                 ":**seal**:",
		"<span title=':seal:'>a</span>": "a",
	})
}

func FuzzCut(f *testing.F) {
	for _, seed := range []string{
		`<p>a<br>b</p><ul><li>c</ul><pre>\nd</pre>`, `<a href="https://a.example/x" class="mention">@<span>x</span></a>`,
		`<blockquote><ol start=3><li><b>:seal:</b>`, `<script>x</script><span class="invisible">y</span><span class="ellipsis">z`,
		`<a href="https://a.example/` + strings.Repeat("道", 600) + `">as long as it may be, until it is escaped</a>`,
	} {
		f.Add(seed)
	}
	rules := Rules{Emoji: map[string]string{"seal": "https://a.example/s"}, Mention: func(string) string { return "@a@b.example" }}
	f.Fuzz(func(t *testing.T, source string) {
		segs := Cut(source, rules)
		for i, s := range segs {
			switch {
			case s.Text == "", s.Kind == stream.Text && i > 0 && segs[i-1].Kind == stream.Text:
				t.Fatalf("segment %d of %q is empty or could be one with the last: %+v", i, source, segs)
			case s.Href != "" && text.WebAddress(s.Href) == "", s.Kind == stream.Link && s.Href == "":
				t.Fatalf("%q leads to %q", source, s.Href)
			case utf8.ValidString(source) && !utf8.ValidString(s.Text):
				t.Fatalf("%q is not UTF-8", s.Text)
			}
		}
		if n := len(segs); n > 0 && (segs[0].Kind == stream.Break || segs[n-1].Kind == stream.Break) {
			t.Fatalf("%q begins or ends with a line break: %+v", source, segs)
		}
	})
}

func BenchmarkCut(b *testing.B) {
	source := strings.Repeat(`<p>Some words, <a href="https://a.example/x"><span class="invisible">https://</span>a.example/x</a> and <a href="https://a.example/tags/go" class="mention hashtag">#<span>go</span></a> :seal:<br>more.</p>`, 3)
	rules := Rules{Emoji: map[string]string{"seal": "https://a.example/s"}}
	b.ReportAllocs()
	for b.Loop() {
		Cut(source, rules)
	}
}
