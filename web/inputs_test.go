package web

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
	"nagare/templates"
)

// inputs are examples of rare kinds of posts, each with parts that its card must contain and, after
// a "!", parts that it must not contain.
var inputs = map[string][]string{
	"bluesky-gallery-of-ten":                   {"media--4", "+6"},
	"bluesky-gif-of-tenor":                     {`data-t="gif"`, "a cat jumps", "!ALT:", "!preview"},
	"bluesky-long-address":                     {"example.com/a/very/long", `title="https://example.com/a/very/long/path/to/somewhere?with=query&amp;and=more"`, "!>https://example.com"},
	"bluesky-quote-of-a-post":                  {"well said", "quote"},
	"bluesky-reply-to-somebody-unknown":        {"I agree", `data-t="replying"`},
	"bluesky-spaces-and-indents":               {"        // deep<br>", "( o.o )   &lt;3"},
	"mastodon-audio-with-cover":                {`data-t="audio"`, "media__image"},
	"mastodon-card-beside-picture":             {"media__image", "!preview"},
	"mastodon-emoji-without-spaces":            {"やった<img", ">です <img", "ミオ<img"},
	"mastodon-hashtag-accent":                  {"#Archäologie</bdi></a>"},
	"mastodon-hashtag-without-class":           {`<a class="tweet__link" href="/tag/neko"`, "#neko</bdi></a> sleeps"},
	"mastodon-line-feeds-in-a-paragraph":       {"first line<br>second line<br><br>new part<br><a"},
	"mastodon-local-only":                      nil, // shown to nobody
	"mastodon-pleroma-quote":                   {"see", "the quoted words", "!RE:"},
	"mastodon-poll-multiple":                   {"80 %", "70 %"},
	"mastodon-quote-revoked-still-linked":      {"mine", `data-t="unavailable"`, "!RE:", "!b.example"},
	"mastodon-reply-to-somebody-not-mentioned": {"I agree", "!Replying to @99"},
	"mastodon-six-pictures":                    {"media--4", "+2"},
	"mastodon-spaces-in-a-paragraph":           {"one    two<br><br>if x {<br>    y()<br>}"},
	"twitter-withheld-post-then-user":          {"hello", "AR, DE, FR"},
	"x-article":                                {"My long read", `class="preview"`},
	"x-reply-to-somebody-not-included":         {"I agree"},
}

// Each file of the directory must have a case.
func TestInputs_EachExampleIsShownAsItWasWritten(t *testing.T) {
	files := corpus(t, "NAGARE_INPUTS")
	for name := range inputs {
		if files[name+".ndjson"] == nil {
			t.Errorf("%s: no such file", name)
		}
	}
	for file, lines := range files {
		wants, known := inputs[strings.TrimSuffix(file, ".ndjson")]
		if !known {
			t.Errorf("%s: no case", file)
			continue
		}
		post := lastPost(t, lines)
		if post == nil || wants == nil {
			if (post == nil) != (wants == nil) {
				t.Errorf("%s: a post is shown: %v", file, post != nil)
			}
			continue
		}
		card := cardOf(t, post)
		for _, want := range wants {
			part, unwanted := strings.CutPrefix(want, "!")
			if strings.Contains(card, part) == unwanted {
				t.Errorf("%s: contains %q: %v\n%s", file, part, unwanted, card)
			}
		}
	}
}

// lastPost returns the last version of the post that the messages leave on the page; nil if none.
func lastPost(t *testing.T, lines [][]byte) (post *stream.Post) {
	t.Helper()
	decoders := networks.Decoders("")
	page := reconcile.New(func(op stream.Op) error {
		if post = op.Post; op.Kind == stream.Destroy {
			post = nil
		}
		return nil
	}, nil)
	for _, line := range lines {
		op, err := decodeAll(decoders, line)
		if errors.Is(err, stream.ErrNoOp) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := page.Emit(op); err != nil {
			t.Fatal(err)
		}
	}
	return post
}

func cardOf(t *testing.T, post *stream.Post) string {
	t.Helper()
	var b strings.Builder
	if err := templates.Card(toPost(post, networks.All)).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCard_CountsThePicturesOfEveryNetwork(t *testing.T) {
	media := func(format string) string {
		var all []string
		for _, n := range []string{"1", "2", "3", "4", "5", "6"} {
			all = append(all, strings.ReplaceAll(format, "N", n))
		}
		return strings.Join(all, ",")
	}
	gif := `"type":"animated_gif","video_info":{"variants":[{"content_type":"video/mp4","url":"https://video.twimg.com/g.mp4"}]}`
	for name, c := range map[string]struct{ message, want string }{
		"six pictures on X": {`{"data":{"id":"1995000000000000002","text":"six","author_id":"1","attachments":{"media_keys":[` + media(`"kN"`) + `]}},"includes":{"users":[{"id":"1","name":"M","username":"m"}],` +
			`"media":[` + media(`{"media_key":"kN","type":"photo","url":"https://pbs.twimg.com/N.jpg"}`) + `]}}`, "+2"},
		"six pictures on Twitter": {`{"created_at":"Mon Nov 23 10:00:00 +0000 2026","id_str":"1","text":"six","user":{"id_str":"1","name":"M","screen_name":"m"},` +
			`"extended_entities":{"media":[` + media(`{"type":"photo","media_url_https":"https://pbs.twimg.com/N.jpg"}`) + `]}}`, "+2"},
		"a GIF on X": {`{"data":{"id":"1995000000000000002","text":"ha","author_id":"1","attachments":{"media_keys":["g"]}},"includes":{"users":[{"id":"1","name":"M","username":"m"}],` +
			`"media":[{"media_key":"g","type":"animated_gif","preview_image_url":"https://pbs.twimg.com/g.jpg","variants":[{"content_type":"video/mp4","url":"https://video.twimg.com/g.mp4"}]}]}}`, `data-t="gif"`},
		"a GIF on Twitter": {`{"created_at":"Mon Nov 23 10:00:00 +0000 2026","id_str":"1","text":"ha","user":{"id_str":"1","name":"M","screen_name":"m"},` +
			`"extended_entities":{"media":[{"media_url_https":"https://pbs.twimg.com/g.jpg",` + gif + `}]}}`, `data-t="gif"`},
		"a GIF on Mastodon": {`{"event":"update","payload":{"id":"1","uri":"https://a.example/1","visibility":"public","content":"ha","account":{"id":"1","acct":"m","uri":"https://a.example/m"},` +
			`"media_attachments":[{"id":"1","type":"gifv","url":"https://a.example/g.mp4","preview_url":"https://a.example/g.png"}]}}`, `data-t="gif"`},
	} {
		if !json.Valid([]byte(c.message)) {
			t.Fatal(name)
		}
		if card := cardOf(t, lastPost(t, [][]byte{[]byte(c.message)})); !strings.Contains(card, c.want) {
			t.Errorf("%s: no %s in %s", name, c.want, card)
		}
	}
}
