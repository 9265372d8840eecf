package mastodon

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// inputs is the directory of examples of rare posts. Each file has one event.
func inputs(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("NAGARE_INPUTS")
	if dir == "" {
		t.Skip("NAGARE_INPUTS doesn't name a directory of examples")
	}
	return dir
}

// input decodes an example.
func input(t *testing.T, name string) (*stream.Post, error) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(inputs(t), "mastodon-"+name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var m stream.Message
	if err := json.Unmarshal(bytes.TrimSpace(data), &m.Fields); err != nil {
		t.Fatal(err)
	}
	op, err := new(Decoder).Decode(m)
	return op.Post, err
}

// hasText returns a check of the text, in the form of [streamtest.Flat].
func hasText(want string) func(*stream.Post) bool {
	return func(p *stream.Post) bool { return streamtest.Flat(p.Text) == want }
}

// rightInputs says what is right for each example: the file, what the test shows, and the check.
var rightInputs = []struct {
	file, sentence string
	right          func(p *stream.Post) bool
}{
	{"line-feeds-in-a-paragraph", "line feeds in a paragraph are line ends", hasText("first line¶second line¶¶new part¶link[x.example](https://x.example/)")},
	{"spaces-in-a-paragraph", "spaces and indents are kept", hasText("one    two¶¶if x {¶    y()¶}")},
	{"hashtag-without-class", "a link without a class is a hashtag if the server tags it", hasText("hashtag[#neko](https://mk.example/tags/neko) sleeps")},
	{"hashtag-accent", "a hashtag with an accent is the hashtag without it", hasText("hashtag[#Archäologie](https://a.example/tags/Arch%C3%A4ologie)")},
	{"emoji-without-spaces", "custom emoji need no spaces around them", hasText("やった<:blob:>です <:blob:><:blob:>")},
	{"emoji-without-spaces", "a name has its custom emoji", func(p *stream.Post) bool { return len(p.Author.Emoji) == 1 }},
	{"pleroma-quote", "a quote by Pleroma is shown", func(p *stream.Post) bool {
		return streamtest.Flat(p.Text) == "see" && p.Quoted() != nil && stream.PlainText(p.Quoted().Text) == "the quoted words"
	}},
	{"quote-revoked-still-linked", "a revoked quote is unavailable and leaves no link", func(p *stream.Post) bool {
		return streamtest.Flat(p.Text) == "mine" && p.Quote != nil && *p.Quote == stream.Quote{}
	}},
	{"poll-multiple", "a poll with several choices has shares of the voters", func(p *stream.Post) bool { return p.Poll.Voters == 10 }},
	{"audio-with-cover", "a sound with a cover is a sound", func(p *stream.Post) bool { return p.Media[0].Kind == "audio" && p.Media[0].Preview != "" }},
	{"card-beside-picture", "a picture leaves no room for a link preview", func(p *stream.Post) bool { return len(p.Media) == 1 && p.Preview == nil }},
	{"reply-to-somebody-not-mentioned", "a reply to an unknown author is a reply", func(p *stream.Post) bool { return p.ReplyTo != nil && p.ReplyTo.Handle == "" }},
	{"six-pictures", "six pictures are six, in their order", func(p *stream.Post) bool {
		return len(p.Media) == 6 && strings.HasSuffix(p.Media[0].URL, "/1.png") && strings.HasSuffix(p.Media[5].URL, "/6.png") &&
			!slices.ContainsFunc(p.Media, func(m stream.Media) bool { return m.Kind != "image" }) && !p.Unsupported
	}},
}

func TestMastodon_ShowsExamplesOfRarePostsRight(t *testing.T) {
	for _, test := range rightInputs {
		t.Run(test.sentence, func(t *testing.T) {
			post, err := input(t, test.file)
			if err != nil || !test.right(post) {
				t.Errorf("got %s, %v", document(post), err)
			}
		})
	}
}

func TestMastodon_HidesTheExampleOfALocalOnlyPost(t *testing.T) {
	if post, err := input(t, "local-only"); !errors.Is(err, stream.ErrNoOp) {
		t.Errorf("got %+v, %v", post, err)
	}
}

// A new example must not stay without a check.
func TestMastodon_HasACheckForEachExample(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(inputs(t), "mastodon-*.ndjson"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples, %v", err)
	}
	checked := []string{"local-only"}
	for _, test := range rightInputs {
		checked = append(checked, test.file)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "mastodon-"), ".ndjson"); !slices.Contains(checked, name) {
			t.Errorf("%s has no check", name)
		}
	}
}
