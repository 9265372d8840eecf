package mastodon

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// example decodes a file that holds one event, an example of a rare kind of post.
func example(t *testing.T, name string) (*stream.Post, error) {
	t.Helper()
	dir := os.Getenv("NAGARE_INPUTS")
	if dir == "" {
		t.Skip("NAGARE_INPUTS doesn't name a directory of examples")
	}
	data, err := os.ReadFile(filepath.Join(dir, "mastodon-"+name+".ndjson"))
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

func TestMastodon_HidesTheExampleOfALocalOnlyPost(t *testing.T) {
	if post, err := example(t, "local-only"); !errors.Is(err, stream.ErrNoOp) {
		t.Errorf("got %+v, %v", post, err)
	}
}

func TestMastodon_ConvertsTheTextsOfExamplePosts(t *testing.T) {
	for name, want := range map[string]string{
		"line-feeds-in-a-paragraph":  "first line¶second line¶¶new part¶link[x.example](https://x.example/)",
		"spaces-in-a-paragraph":      "one    two¶¶if x {¶    y()¶}",
		"hashtag-without-class":      "hashtag[#neko](https://mk.example/tags/neko) sleeps",
		"pleroma-quote":              "see",
		"quote-revoked-still-linked": "mine",
		"emoji-without-spaces":       "やった<:blob:>です <:blob:><:blob:>",
		"hashtag-accent":             "hashtag[#Archäologie](https://a.example/tags/Arch%C3%A4ologie)",
	} {
		post, err := example(t, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := streamtest.Flat(post.Text); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestMastodon_ConvertsRarePartsOfExamplePosts(t *testing.T) {
	for name, test := range map[string]func(p *stream.Post) bool{
		"pleroma-quote": func(p *stream.Post) bool {
			return p.Quoted() != nil && stream.PlainText(p.Quoted().Text) == "the quoted words"
		},
		"quote-revoked-still-linked":      func(p *stream.Post) bool { return p.Quote != nil && *p.Quote == stream.Quote{} },
		"poll-multiple":                   func(p *stream.Post) bool { return p.Poll.Voters == 10 },
		"audio-with-cover":                func(p *stream.Post) bool { return p.Media[0].Kind == "audio" && p.Media[0].Preview != "" },
		"card-beside-picture":             func(p *stream.Post) bool { return len(p.Media) == 1 && p.Preview == nil },
		"emoji-without-spaces":            func(p *stream.Post) bool { return len(p.Author.Emoji) == 1 },
		"reply-to-somebody-not-mentioned": func(p *stream.Post) bool { return p.ReplyTo != nil && p.ReplyTo.Handle == "" },
		"six-pictures":                    func(p *stream.Post) bool { return len(p.Media) == 6 },
	} {
		post, err := example(t, name)
		if err != nil {
			t.Fatal(err)
		}
		if !test(post) {
			t.Errorf("%s: got %s", name, document(post))
		}
	}
}
