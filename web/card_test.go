package web

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"nagare/stream"
	"nagare/stream/networks"
	"nagare/templates"
)

// hostile returns texts that attackers use to make a page execute them instead of showing them.
func hostile(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// full returns a post that has the given text in each of its fields.
func full(words string) *stream.Post {
	emoji := []stream.CustomEmoji{{Code: "x", Src: words}, {Code: "seal", Src: "https://example.org/" + words}}
	author := stream.Author{Handle: words, Name: words + ":x: :seal:", Avatar: words, URL: words, Emoji: emoji}
	segments := []stream.Segment{
		{Text: words},
		{Kind: stream.Link, Text: words, Href: words, Title: words},
		{Kind: stream.Mention, Text: words, Href: "https://example.org/" + words},
		{Kind: stream.Hashtag, Text: words, Href: "https://example.org/?q=" + words},
		{Kind: stream.Emoji, Text: words, Src: "https://example.org/" + words},
		{Kind: stream.SegmentKind(words), Text: words},
	}
	media := []stream.Media{{Kind: words, Preview: "https://example.org/" + words, URL: words, Alt: words}, {Kind: words, URL: "https://example.org/" + words, Alt: words}}
	votes := 1
	inner := &stream.Post{ID: words, Source: words, CreatedAt: time.Unix(0, 0), Author: author, Text: segments, Media: media}
	inner.Emoji, inner.Poll = emoji, &stream.Poll{Options: []stream.PollOption{{Title: words + ":seal:", Votes: &votes}, {Title: words}}}
	inner.Preview = &stream.LinkPreview{URL: "https://example.org/" + words, Title: words, Description: words, Image: words}
	outer := *inner
	outer.Lang, outer.Warning, outer.URL, outer.EditedAt = words, words, words, time.Unix(1, 0)
	outer.Quote = &stream.Quote{URL: words, Post: inner}
	outer.WithheldIn = []string{words}
	outer.RepostedBy, outer.ReplyTo = &author, &stream.Reply{Handle: words, URL: words}
	return &outer
}

func TestCard_ShowsHostileTextAsPlainText(t *testing.T) {
	want := shape(t, rendered(t, "harmless"))
	for _, words := range hostile(t) {
		card := rendered(t, words)
		got := shape(t, card)
		for _, name := range got {
			if !slices.Contains(want, name) {
				t.Errorf("%q put %s into the card:\n%s", words, name, card)
			}
		}
	}
}

func rendered(t *testing.T, words string) string {
	t.Helper()
	var out strings.Builder
	if err := templates.Card(toPost(full(words), networks.All)).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// shape lists the elements of a card as a browser parses them, each with the names of its
// attributes and the schemes of its addresses.
func shape(t *testing.T, card string) []string {
	t.Helper()
	var names []string
	tokens := html.NewTokenizer(strings.NewReader(card))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return names
		case html.CommentToken, html.DoctypeToken:
			names = append(names, "a comment")
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			for _, a := range token.Attr {
				names = append(names, token.Data+" "+a.Key)
				if a.Key == "href" || a.Key == "src" {
					names = append(names, token.Data+" with "+addressKind(a.Val))
				}
			}
			names = append(names, token.Data)
		}
	}
}

func addressKind(s string) string {
	for _, kind := range []string{"https://", "#", "/post/", "/tag/", "/by/", "/lang/"} {
		if strings.HasPrefix(s, kind) {
			return kind
		}
	}
	return s
}

func TestClean_RemovesInvisibleCharacters(t *testing.T) {
	for given, want := range map[string]string{
		"line\nand\ttab":              "line\nand\ttab",
		"nul\x00 esc\x1b[31m del\x7f": "nul esc[31m del",
		"c1\u0085\u009b":              "c1",
		"abc\u202Etxt.exe\u202C":      "abctxt.exe",
		"a\u2066b\u2067c\u2068d\u2069e\u202Af\u202Bg\u202Dh": "abcdefgh",
		"עברית \u200Fand\u200E":                              "עברית \u200Fand\u200E",
		"broken \xff\xfe byte":                               "broken \uFFFD byte",
		"👩‍👩‍👧 stays":                                        "👩‍👩‍👧 stays",
	} {
		if got := clean(given); got != want {
			t.Errorf("clean(%q) = %q, want %q", given, got, want)
		}
	}
}

func TestCard_KeepsTheTextOfARefusedAddress(t *testing.T) {
	post := toPost(full("javascript:alert(1)"), networks.All)
	if post.URL != "" || post.Author.Avatar != "" || post.Author.URL != "" || post.ReplyTo.URL != "" || post.Quote.URL != "" {
		t.Errorf("an address that runs got through: %+v", post)
	}
	if link := post.Text[1]; link.Kind != "" || link.Text != "javascript:alert(1)" || link.Href != "" {
		t.Errorf("got %+v, want the words of the link as plain text", link)
	}
}

func TestCut_KeepsTheSegmentsThatFitAndSplitsNoCharacter(t *testing.T) {
	long := &stream.Post{Text: []stream.Segment{
		{Text: "流れる"},
		{Kind: stream.Link, Text: "x", Href: "https://example.org/"},
		{Text: strings.Repeat("川", 100)},
		{Text: "never"},
	}}
	got := plainText(toPost(cut(long, 168), nil).Text)
	if want := "流れるx川川川…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The page's script would fail at a time that it can't parse.
func TestCard_OmitsATimeThatCannotBeFormatted(t *testing.T) {
	late, err := time.Parse(time.RFC3339, "9999-12-31T23:59:59-23:00")
	if err != nil {
		t.Fatal(err)
	}
	tweet := full("words")
	tweet.CreatedAt, tweet.EditedAt, tweet.Poll.EndsAt = late, late, late
	tweet.Quote.Post.CreatedAt = late
	f := newFixture(t)
	f.emit(create(tweet))
	events, _ := f.timeline.channel.Recent(1)
	if len(events) != 1 || strings.Contains(string(events[0].Data), "10000") {
		t.Errorf("got %d events: %.300s", len(events), fmt.Sprint(events))
	}
}

func TestCard_LimitsConsecutiveBlankLines(t *testing.T) {
	text, br := func(s string) stream.Segment { return stream.Segment{Text: s} }, stream.Segment{Kind: stream.Break, Text: "\n"}
	for name, test := range map[string]struct {
		in   []stream.Segment
		want string
	}{
		"two blank lines":    {[]stream.Segment{text("a"), br, br, br, text("b")}, "a\n\n\nb"},
		"three":              {[]stream.Segment{text("a"), br, br, br, br, text("b")}, "a\n\n\nb"},
		"lines of spaces":    {[]stream.Segment{text("a"), br, text(" "), br, text("\u200b\u3000"), br, br, text("  b")}, "a\n\n\n  b"},
		"a line of an emoji": {[]stream.Segment{text("a"), br, br, br, {Kind: stream.Emoji, Text: ":e:"}, br, text("b")}, "a\n\n\n:e:\nb"},
		"an indented link":   {[]stream.Segment{br, text("  "), {Kind: stream.Hashtag, Text: "#b"}}, "\n  #b"},
		"line ends in text":  {[]stream.Segment{text("a\n\n\n\n\nb")}, "a     b"},
	} {
		var got string
		for _, s := range toSegments(test.in) {
			got += s.Text
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
