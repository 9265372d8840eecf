package mastodon

import (
	"testing"

	"nagare/stream"
)

func TestMastodon_ReadsPleromasQuotes(t *testing.T) {
	const fallback = `<p>see<span class="quote-inline"><br/><br/>RE: <a href="https://b.example/1">https://b.example/1</a></span></p>`
	hidden := map[string]any{"visibility": "private"}
	for name, test := range map[string]struct {
		pleroma map[string]any
		quotes  bool
		text    string
	}{
		"visible":         {map[string]any{"quote": postJSON(2), "quote_visible": true}, true, "see"},
		"not visible":     {map[string]any{"quote": postJSON(2), "quote_visible": false}, false, "see"},
		"private":         {map[string]any{"quote": postJSON(2, hidden), "quote_visible": true}, false, "see"},
		"none but a link": {map[string]any{"quote": nil, "quote_url": "https://b.example/1"}, false, "see\n\nRE: https://b.example/1"},
	} {
		post := decoded(t, postJSON(1, map[string]any{"content": fallback, "pleroma": test.pleroma}))
		if quotes := post.Quoted() != nil; quotes != test.quotes || stream.PlainText(post.Text) != test.text {
			t.Errorf("%s: quotes %v, with the text %q", name, quotes, stream.PlainText(post.Text))
		}
	}
}

func TestMastodon_MarksAReplyToAnUnknownAuthorAsAReply(t *testing.T) {
	for name, fields := range map[string]map[string]any{
		"an author": {"in_reply_to_id": "3", "in_reply_to_account_id": "99"},
		"a post":    {"in_reply_to_id": "3", "in_reply_to_account_id": nil},
	} {
		post := decoded(t, postJSON(1, fields))
		if post.ReplyTo == nil || *post.ReplyTo != (stream.Reply{}) {
			t.Errorf("%s: got %+v", name, post.ReplyTo)
		}
		if stream.NewFilter(stream.Wanted{NoReplies: true}).Keeps(post) {
			t.Errorf("%s: it passes a filter against replies", name)
		}
	}
}

func TestMastodon_ShowsNoPreviewBesideAPicture(t *testing.T) {
	card := map[string]any{"url": "https://c.example/x", "title": "A page"}
	picture := []map[string]any{{"type": "image", "url": "https://a.example/1.png"}}
	if got := decoded(t, postJSON(1, map[string]any{"card": card, "media_attachments": picture})); got.Preview != nil || len(got.Media) != 1 {
		t.Errorf("got %s", document(got))
	}
}
