package web

import (
	"strings"
	"testing"

	"nagare/stream"
)

// Names that show nothing, in the ways that have been seen on social networks.
var blankNames = map[string]string{
	"zero width spaces": "\u200b\u200c\u200d\u2060\ufeff", "Hangul fillers": "\u3164\u115f\uffa0", "soft hyphens": "\u00ad\u00ad",
	"variation selectors": "\ufe0f\U000e0100", "tags": "\U000e0067\U000e0062", "spaces": "\u00a0\u3000\u2003", "Braille blank": "\u2800",
	"direction marks": "\u200e\u200f\u061c\u202e", "controls": "\x01\u0086", "marks without a letter": "\u0301\u0300",
}

func TestCard_AuthorsWithInvisibleNamesAreCalledByTheirHandles(t *testing.T) {
	for kind, name := range blankNames {
		author := stream.Author{Handle: "rin", Name: name, Emoji: []stream.CustomEmoji{{Code: "x", Src: "https://a.example/x.png"}}}
		p := post(1, "words")
		p.Author, p.RepostedBy = author, &author
		quoted := post(2, "others")
		quoted.Author = author
		p.Quote = &stream.Quote{Post: quoted}
		p.ReplyTo = &stream.Reply{Handle: "mio"}
		f := newFixture(t)
		f.emit(create(p))
		event, data := f.newest()
		for what, want := range map[string]string{
			"name": `class="tweet__name"`, "reposter": `tweet__reposter"`, "quoted author": `quote__name"`,
		} {
			_, rest, _ := strings.Cut(data.HTML, want)
			_, rest, _ = strings.Cut(rest, ">")
			if text := strings.TrimSpace(untagged(rest[:min(len(rest), 120)])); !strings.HasPrefix(text, "rin") && !strings.HasPrefix(text, "@rin") {
				t.Errorf("%s: the %s is %q", kind, what, text)
			}
		}
		if strings.Count(data.HTML, ">R</span>") != 2 || data.Name != "" {
			t.Errorf("%s: not both initials are R: %s", kind, data.HTML)
		}
		_ = event
	}
}

// untagged removes the tags from HTML.
func untagged(html string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(html, "<") {
		_, text, found := strings.Cut(part, ">")
		if !found {
			text = part
		}
		b.WriteString(text)
	}
	return b.String()
}

func TestCard_AnAuthorWithoutAVisibleNameOrHandleIsUnknown(t *testing.T) {
	p := post(1, "words")
	p.Author = stream.Author{Handle: "\u3164", Name: "\u200b"}
	f := newFixture(t)
	f.emit(create(p))
	if _, data := f.newest(); !strings.Contains(data.HTML, "Unknown author") || data.ScreenName != "" {
		t.Errorf("the card says %s", data.HTML)
	}
}

func TestIngest_RefusesInvisibleTextsAndHandles(t *testing.T) {
	for _, form := range []form{{Text: "\u3164\u200b", ScreenName: "mio"}, {Text: "words", ScreenName: "@\u3164"}} {
		if _, err := form.post(); err == nil {
			t.Errorf("%+q is accepted", form)
		}
	}
}
