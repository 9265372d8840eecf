package bluesky

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

// postOf is the post that is made of a record with that text and the members in more.
func postOf(t *testing.T, text, more string) *stream.Post {
	t.Helper()
	op, ok := opOf(t, commitEvent("create", mio, "3k", march, recordOf(text, more)))
	if !ok {
		t.Fatal("no post")
	}
	return op.Post
}

func facetAt(start, end int, feature string) string {
	return fmt.Sprintf(`{"index":{"byteStart":%d,"byteEnd":%d},"features":[%s]}`, start, end, feature)
}

// facetOn makes a facet with that feature for the first place of part in text.
func facetOn(text, part, feature string) string {
	start := strings.Index(text, part)
	return facetAt(start, start+len(part), feature)
}

func facets(list ...string) string { return `,"facets":[` + strings.Join(list, ",") + `]` }

func tagFeature(tag string) string {
	return fmt.Sprintf(`{"$type":"app.bsky.richtext.facet#tag","tag":%q}`, tag)
}

func linkFeature(uri string) string {
	return fmt.Sprintf(`{"$type":"app.bsky.richtext.facet#link","uri":%q}`, uri)
}

func mentionFeature(did string) string {
	return fmt.Sprintf(`{"$type":"app.bsky.richtext.facet#mention","did":%q}`, did)
}

func TestBluesky_FacetsDivideTheTextAtByteOffsets(t *testing.T) {
	for _, text := range []string{
		"Hello #tag by @mio.example at example.org/a now",
		"👨‍👩‍👧‍👦 家族 #tag 🏳️‍🌈 @mio.example は example.org/a 🇯🇵",
		"مرحبا #tag من @mio.example في example.org/a نعم",
		"e\u0301e\u0301 #tag\n\n@mio.example\nexample.org/a",
	} {
		got := postOf(t, text, facets(
			facetOn(text, "example.org/a", linkFeature("https://example.org/a?b=1&c=2")),
			facetOn(text, "#tag", tagFeature("tag/ä")),
			facetOn(text, "@mio.example", mentionFeature(mio)),
		)).Text
		want := map[stream.SegmentKind]stream.Segment{
			stream.Hashtag: {Kind: stream.Hashtag, Text: "#tag", Href: "https://bsky.app/hashtag/tag%2F%C3%A4"},
			stream.Mention: {Kind: stream.Mention, Text: "@mio.example", Href: "https://bsky.app/profile/" + mio},
			stream.Link:    {Kind: stream.Link, Text: "example.org/a", Href: "https://example.org/a?b=1&c=2"},
		}
		if stream.PlainText(got) != text {
			t.Errorf("joined %q, want %q", stream.PlainText(got), text)
		}
		for _, s := range got {
			if d := cmp.Diff(want[s.Kind], s); s.Kind != stream.Text && s.Kind != stream.Break && d != "" {
				t.Errorf("in %q (-want +got):\n%s", text, d)
			}
			delete(want, s.Kind)
		}
		for kind := range want {
			t.Errorf("no %s in %q", kind, text)
		}
	}
}

func TestBluesky_ShowsInvalidFacetsAsPlainText(t *testing.T) {
	const text = "plain text é <b>here</b>"
	for name, facet := range map[string]string{
		"javascript":     facetAt(0, 5, linkFeature("javascript:alert(1)")),
		"data":           facetAt(0, 5, linkFeature("data:text/html,x")),
		"credentials":    facetAt(0, 5, linkFeature("https://bsky.app@evil.example/")),
		"no scheme":      facetAt(0, 5, linkFeature("evil.example")),
		"endless":        facetAt(0, 5, linkFeature("https://e.example/"+strings.Repeat("a", 2048))),
		"long escaped":   facetAt(0, 5, linkFeature("https://e.example/"+strings.Repeat("道", 600))),
		"reversed":       facetAt(9, 3, tagFeature("a")),
		"empty":          facetAt(3, 3, tagFeature("a")),
		"before":         facetAt(-5, 3, tagFeature("a")),
		"behind":         facetAt(3, 4000, tagFeature("a")),
		"huge":           facetAt(1<<62, 1<<62+1, tagFeature("a")),
		"in a letter":    facetAt(11, 12, tagFeature("a")),
		"no tag":         facetAt(0, 5, tagFeature("")),
		"no author":      facetAt(0, 5, mentionFeature("mio.example")),
		"path as author": facetAt(0, 5, mentionFeature("did:plc:../../x")),
		"unknown":        facetAt(0, 5, `{"$type":"com.example.facet#blink"}`),
		"no feature":     facetAt(0, 5, ""),
		"no index":       `{"features":[` + tagFeature("a") + `]}`,
	} {
		if d := cmp.Diff([]stream.Segment{{Text: text}}, postOf(t, text, facets(facet)).Text); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestBluesky_KeepsLineBreaksAtFacets(t *testing.T) {
	lines := []stream.Segment{{Text: "a"}, {Kind: stream.Break, Text: "\n"}, {Text: "b"}}
	for facet, want := range map[string][]stream.Segment{
		facetAt(0, 2, tagFeature("x")): lines,
		facetAt(1, 2, tagFeature("x")): lines,
		facetAt(2, 4, tagFeature("x")): lines,
		facetAt(0, 4, tagFeature("x")): {{Kind: stream.Hashtag, Text: "a\nb", Href: "https://bsky.app/hashtag/x"}},
	} {
		if d := cmp.Diff(want, postOf(t, "a\r\nb", facets(facet)).Text); d != "" {
			t.Errorf("%s (-want +got):\n%s", facet, d)
		}
	}
}

func TestBluesky_AppliesOnlyTheFirstOfOverlappingFacets(t *testing.T) {
	got := postOf(t, "one two three", facets(
		facetAt(4, 13, tagFeature("late")), facetAt(0, 7, tagFeature("early")), facetAt(2, 5, linkFeature("javascript:x")))).Text
	want := []stream.Segment{{Kind: stream.Hashtag, Text: "one two", Href: "https://bsky.app/hashtag/early"}, {Text: " three"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBluesky_ShowsTagsOutsideOfTheTextBelowIt(t *testing.T) {
	tags := `,"tags":["Hafen","meer","Meer","","#licht"]`
	text := "Am #hafen"
	got := postOf(t, text, tags+facets(facetOn(text, "#hafen", tagFeature("hafen")))).Text
	want := []stream.Segment{
		{Text: "Am "}, {Kind: stream.Hashtag, Text: "#hafen", Href: "https://bsky.app/hashtag/hafen"},
		{Kind: stream.Break, Text: "\n"}, {Kind: stream.Break, Text: "\n"},
		{Kind: stream.Hashtag, Text: "#meer", Href: "https://bsky.app/hashtag/meer"},
		{Text: " "}, {Kind: stream.Hashtag, Text: "#licht", Href: "https://bsky.app/hashtag/licht"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := stream.PlainText(postOf(t, "", `,"tags":["a","b","c","d","e","f","g","h","i"]`).Text); got != "#a #b #c #d #e #f #g #h" {
		t.Errorf("got %q, want the eight tags that are allowed and nothing before them", got)
	}
}

func TestBluesky_AnImpossibleTimeIsReplacedByTheServersTime(t *testing.T) {
	told := march.Add(-time.Hour)
	for declared, want := range map[string]time.Time{
		"2026-03-01T06:30:00.5+09:00":    time.Date(2026, 2, 28, 21, 30, 0, 5e8, time.UTC),
		"2009-05-01T10:00:00Z":           time.Date(2009, 5, 1, 10, 0, 0, 0, time.UTC), // an imported post
		"1970-01-01T00:00:00.000Z":       told,
		"0001-01-01T00:00:00Z":           told,
		"2099-01-01T00:00:00Z":           told,
		"2026-03-01T07:00:01.001Z":       told, // the clock of the client is ahead
		"yesterday":                      told,
		"":                               told,
		"99999-01-01T00:00:00Z":          told,
		"2026-13-45T00:00:00Z":           told,
		strings.Repeat("2026-03-01T", 9): told,
	} {
		e := &event{DID: mio, TimeUS: told.UnixMicro()}
		e.Commit.Record.CreatedAt = declared
		if got, _ := e.post("", march); !got.CreatedAt.Equal(want) {
			t.Errorf("%q: got %v, want %v", declared, got.CreatedAt, want)
		}
	}
	for _, us := range []int64{0, -1, 1772352001, 1772352001000, 4102444800000000} {
		e := &event{DID: mio, TimeUS: us}
		if got, _ := e.post("", march); !got.CreatedAt.Equal(march) {
			t.Errorf("a server that says %d: got %v, want now", us, got.CreatedAt)
		}
	}
}

func TestBluesky_LabelsCoverOrHideAPost(t *testing.T) {
	labels := func(vals string) string {
		return `,"labels":{"$type":"com.atproto.label.defs#selfLabels","values":[` + vals + `]}`
	}
	for vals, want := range map[string]bool{
		`{"val":"nudity"}`: true, `{"val":"x"},{"val":"graphic-media"}`: true, `{"val":"porn"}`: true,
		`{"val":"sexual"}`: true, `{"val":"gore"}`: true, `{"val":"gore","neg":true}`: false, `{"val":"nice"}`: false, ``: false,
	} {
		if got := postOf(t, "x", labels(vals)).Sensitive; got != want {
			t.Errorf("%s: got %v, want %v", vals, got, want)
		}
	}
	hidden := recordOf("x", labels(`{"val":"!no-unauthenticated"}`))
	if op, ok := opOf(t, commitEvent("create", mio, "3k", march, hidden)); ok {
		t.Errorf("a post that visitors may not see became %+v", op)
	}
	if op, ok := opOf(t, commitEvent("update", mio, "3k", march, hidden)); !ok || op.Kind != stream.Destroy {
		t.Errorf("a post that visitors may no longer see became %+v", op)
	}
}

func TestBluesky_KeepsOnlyValidLanguageTags(t *testing.T) {
	for langs, want := range map[string][]string{
		`["pt-BR","en"]`: {"pt-BR", "en"}, `["","x","de"]`: {"de"}, `["en\" onload=\""]`: {""}, `[]`: {""}, `null`: {""},
		`["en"` + strings.Repeat(`,"ja"`, 100) + `]`: append([]string{"en"}, slices.Repeat([]string{"ja"}, mostLangs-1)...),
	} {
		record := strings.Replace(recordOf("x", ""), `["ja","en"]`, langs, 1)
		op, _ := opOf(t, commitEvent("create", mio, "3k", march, record))
		if got := append([]string{op.Post.Lang}, op.Post.MoreLangs...); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", langs, got, want)
		}
	}
}

func TestBluesky_AFilterFindsEachLanguageOfAPost(t *testing.T) {
	op, _ := opOf(t, commitEvent("create", mio, "3k", march, recordOf("x", ""))) // in ja and en
	for lang, want := range map[string]bool{"ja": true, "en": true, "de": false} {
		if got := stream.NewFilter(stream.Wanted{Languages: []string{lang}}).Keeps(op.Post); got != want {
			t.Errorf("%s: got %v, want %v", lang, got, want)
		}
	}
}
