package mastodon

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// decoded decodes and converts a post of the server a.example.
func decoded(t testing.TB, post map[string]any) *stream.Post {
	t.Helper()
	e, err := decodeEvent("update", []byte(document(post)))
	if err != nil {
		t.Fatal(err)
	}
	op, ok := view{domain: "a.example", now: now}.op(e.kind, e.status)
	if !ok {
		t.Fatalf("not shown: %s", document(post))
	}
	return op.Post
}

var emojiList = []map[string]any{
	{"shortcode": "seal", "url": "https://a.example/seal.gif", "static_url": "https://a.example/seal.png"},
	{"shortcode": "otter", "url": "https://a.example/otter.gif", "static_url": "javascript:alert(1)"},
	{"shortcode": "bad", "url": "javascript:alert(1)", "static_url": nil},
}

func TestMastodon_ConvertsAPostWithAllItsParts(t *testing.T) {
	got := decoded(t, postJSON(5, map[string]any{
		"created_at": "2026-11-23T10:00:00.123Z", "edited_at": "2026-11-23T11:00:00Z", "language": "ja",
		"content":                `<p><a href="https://b.example/@rin" class="mention">@<span>rin</span></a> hello</p>`,
		"mentions":               []map[string]any{{"id": "9", "url": "https://b.example/@rin", "acct": "rin@b.example"}},
		"in_reply_to_account_id": "9",
		"card":                   map[string]any{"url": "https://c.example/x", "title": "A page", "description": "About x", "image": "https://c.example/x.png"},
		"account": map[string]any{"id": "1", "username": "mio", "acct": "mio", "url": "https://a.example/@mio", "uri": "https://a.example/ap/1",
			"display_name": " Mio ", "avatar": "https://a.example/m.gif", "avatar_static": "https://a.example/m.png"},
	}))
	want := &stream.Post{
		ID: keyOf(5), Source: "mastodon", URL: "https://a.example/@mio/5",
		CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 123e6, time.UTC), EditedAt: time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC), Lang: "ja",
		Author: stream.Author{Key: "mastodon:https://a.example/ap/1", Handle: "mio@a.example", Name: "Mio",
			Avatar: "https://a.example/m.png", URL: "https://a.example/@mio"},
		Text:    []stream.Segment{{Kind: stream.Mention, Text: "@rin@b.example", Href: "https://b.example/@rin"}, {Text: " hello"}},
		Preview: &stream.LinkPreview{URL: "https://c.example/x", Title: "A page", Description: "About x", Image: "https://c.example/x.png"},
		ReplyTo: &stream.Reply{Handle: "rin@b.example", URL: "https://b.example/@rin"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMastodon_MarksWarningsAndSensitiveMedia(t *testing.T) {
	got := decoded(t, postJSON(1, map[string]any{"spoiler_text": " <b>food</b> ", "sensitive": true}))
	if got.Warning != "<b>food</b>" || !got.Sensitive {
		t.Errorf("got %q, %v", got.Warning, got.Sensitive)
	}
	if got := decoded(t, postJSON(1, map[string]any{"spoiler_text": "", "sensitive": true})); got.Warning != "" || !got.Sensitive {
		t.Errorf("without a warning: got %q, %v", got.Warning, got.Sensitive)
	}
}

func TestMastodon_FindsCustomEmojiInNameWarningPollAndText(t *testing.T) {
	got := decoded(t, postJSON(1, map[string]any{
		"content": "<p>:seal: :not_listed: :bad:</p>", "spoiler_text": "CW :otter: :not_listed:", "emojis": emojiList,
		"poll": map[string]any{"options": []map[string]any{{"title": ":fish:"}, {"title": "b"}},
			"emojis": []map[string]any{{"shortcode": "fish", "url": "https://a.example/fish.png"}}},
		"account": map[string]any{"id": "1", "username": "mio", "acct": "mio", "display_name": "Mio :seal:", "emojis": emojiList},
	}))
	if d := cmp.Diff("<:seal:> :not_listed: :bad:", streamtest.Flat(got.Text)); d != "" {
		t.Error(d)
	}
	if got.Text[0].Src != "https://a.example/seal.png" {
		t.Errorf("the image is %q, want the one without animation", got.Text[0].Src)
	}
	if d := cmp.Diff([]stream.CustomEmoji{{Code: "otter", Src: "https://a.example/otter.gif"}, {Code: "fish", Src: "https://a.example/fish.png"}}, got.Emoji); d != "" {
		t.Errorf("of the post: %s", d)
	}
	if d := cmp.Diff([]stream.CustomEmoji{{Code: "seal", Src: "https://a.example/seal.png"}}, got.Author.Emoji); d != "" {
		t.Errorf("of the name: %s", d)
	}
	if got.Warning != "CW :otter: :not_listed:" || got.Author.Name != "Mio :seal:" {
		t.Errorf("the codes are gone: %q, %q", got.Warning, got.Author.Name)
	}
}

func TestMastodon_ShowsOnlyAcceptedQuotes(t *testing.T) {
	quoted := postJSON(2, map[string]any{"content": "<p>quoted</p>", "quote": map[string]any{"state": "accepted", "quoted_status_id": "3"}})
	hidden := func(changes map[string]any) map[string]any {
		return map[string]any{"state": "accepted", "quoted_status": postJSON(2, changes)}
	}
	shown, not := "shown", "not shown"
	for name, test := range map[string]struct {
		quote any
		want  string
	}{
		"accepted":         {map[string]any{"state": "accepted", "quoted_status": quoted}, shown},
		"Akkoma":           {quoted, shown},
		"gone":             {map[string]any{"state": "accepted", "quoted_status": nil}, not},
		"of another type":  {"yes", not},
		"private":          {hidden(map[string]any{"visibility": "private"}), not},
		"unlisted":         {hidden(map[string]any{"visibility": "unlisted"}), not},
		"without author":   {hidden(map[string]any{"account": nil}), not},
		"private, Akkoma":  {postJSON(2, map[string]any{"visibility": "direct"}), not},
		"of another state": {map[string]any{"state": "tomorrow", "quoted_status": quoted}, not},
	} {
		t.Run(name, func(t *testing.T) { wantQuote(t, test.quote, test.want == shown) })
	}
	for state := range strings.FieldsSeq("pending rejected revoked deleted unauthorized blocked_account blocked_domain muted_account") {
		t.Run(state, func(t *testing.T) { wantQuote(t, map[string]any{"state": state, "quoted_status": quoted}, false) })
	}
	card := map[string]any{"url": "https://a.example/@mio/2", "title": "The same"}
	if got := decoded(t, postJSON(1, map[string]any{"quote": quoted, "card": card})); got.Preview != nil {
		t.Errorf("the preview repeats the quote: %+v", got.Preview)
	}
	if got := decoded(t, postJSON(1, map[string]any{"quote": nil})); got.Quote != nil {
		t.Errorf("a quote of nothing: %+v", got.Quote)
	}
}

// wantQuote checks the post that has this quote. If the quote must not be shown, no part of the
// quoted post is in the op. In either case the text has no link to the quoted post.
func wantQuote(t *testing.T, quote any, shown bool) {
	t.Helper()
	got := decoded(t, postJSON(1, map[string]any{"quote": quote, "content": `<p class="quote-inline">RE: 2</p><p>mine</p>`}))
	switch {
	case got.Quote == nil:
		t.Fatal("there is no quote")
	case shown && (got.Quote.Post == nil || stream.PlainText(got.Quote.Post.Text) != "quoted" || got.Quote.ID != keyOf(2) || stream.PlainText(got.Text) != "mine"):
		t.Errorf("got %s", document(got))
	case !shown && (*got.Quote != stream.Quote{} || stream.PlainText(got.Text) != "mine"):
		t.Errorf("got %s", document(got))
	case shown && got.Quote.Post.Quote != nil:
		t.Errorf("the quote quotes: %s", document(got))
	}
}

func TestMastodon_ReadsAPollWithHiddenVotes(t *testing.T) {
	got := decoded(t, postJSON(1, map[string]any{"poll": map[string]any{
		"expires_at": "2026-11-24T00:00:00Z", "expired": true, "multiple": true,
		"options": []map[string]any{{"title": "yes", "votes_count": 3}, {"title": "no", "votes_count": nil}},
	}})).Poll
	three := 3
	want := &stream.Poll{EndsAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Closed: true, Options: []stream.PollOption{{Title: "yes", Votes: &three}, {Title: "no", Votes: nil}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMastodon_ReadsAStatusWithoutOptionalFields(t *testing.T) {
	got := decoded(t, postJSON(1, map[string]any{
		"url": nil, "language": nil, "edited_at": nil, "content": nil, "spoiler_text": nil, "poll": nil, "card": nil, "mentions": nil,
		"account":           map[string]any{"id": 7, "username": "rin", "acct": "rin@b.example", "display_name": "", "url": nil, "avatar": nil},
		"media_attachments": []map[string]any{{"type": "image", "url": nil, "remote_url": "https://b.example/1.png", "preview_url": nil, "description": nil, "meta": nil}},
	}))
	if got.URL != "https://a.example/users/mio/statuses/1" || got.Lang != "" || len(got.Text) != 0 || !got.EditedAt.IsZero() {
		t.Errorf("got %+v", got)
	}
	if d := cmp.Diff(stream.Author{Key: "mastodon:rin@b.example", Handle: "rin@b.example", Name: "rin"}, got.Author); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]stream.Media{{Kind: "image", Preview: "https://b.example/1.png", URL: "https://b.example/1.png"}}, got.Media); d != "" {
		t.Error(d)
	}
	bare := decoded(t, map[string]any{"id": 12, "visibility": "public", "account": map[string]any{"username": "x"}})
	if bare.ID != "mastodon:a.example/statuses/12" || !bare.CreatedAt.Equal(now) {
		t.Errorf("got %+v", bare)
	}
}

func TestMastodon_ReplacesATimeInTheFuture(t *testing.T) {
	if got := decoded(t, postJSON(1, map[string]any{"created_at": "2099-01-01T00:00:00Z"})).CreatedAt; !got.Equal(now) {
		t.Errorf("got %v", got)
	}
}

func TestMastodon_ShowsMediaOfEachKind(t *testing.T) {
	size := map[string]any{"original": map[string]any{"width": 1920, "height": 1080.0, "duration": 3.2}}
	at := func(kind, name string) map[string]any {
		return map[string]any{"type": kind, "url": "https://a.example/" + name, "preview_url": "https://a.example/p.png", "description": "what it shows", "meta": size}
	}
	got := decoded(t, postJSON(1, map[string]any{"media_attachments": []map[string]any{
		at("image", "1.png"), at("gifv", "2.mp4"), at("video", "3.mp4"), at("audio", "4.mp3"), at("hologram", "5.bin"),
		{"type": "video", "url": "https://a.example/6.mp4", "preview_url": "https://a.example/6.mp4", "meta": map[string]any{"original": map[string]any{"width": -1, "height": 1e300}}},
		{"type": "unknown", "url": nil, "remote_url": nil, "preview_url": nil},
	}}))
	want := []stream.Media{
		{Kind: "image", Preview: "https://a.example/p.png", URL: "https://a.example/1.png", Alt: "what it shows", Width: 1920, Height: 1080},
		{Kind: "gif", Preview: "https://a.example/p.png", URL: "https://a.example/2.mp4", Alt: "what it shows", Width: 1920, Height: 1080},
		{Kind: "video", Preview: "https://a.example/p.png", URL: "https://a.example/3.mp4", Alt: "what it shows", Width: 1920, Height: 1080},
		{Kind: "audio", Preview: "https://a.example/p.png", URL: "https://a.example/4.mp3", Alt: "what it shows"},
		{Kind: "unknown", Preview: "https://a.example/p.png", URL: "https://a.example/5.bin", Alt: "what it shows", Width: 1920, Height: 1080},
		{Kind: "video", URL: "https://a.example/6.mp4"},
	}
	if d := cmp.Diff(want, got.Media); d != "" {
		t.Error(d)
	}
	if !got.Unsupported {
		t.Error("an attachment without an address is not marked")
	}
}

func TestMastodon_LeavesOutOnlyAFieldOfTheWrongType(t *testing.T) {
	e, err := decodeEvent("update", []byte(document(postJSON(1, map[string]any{"sensitive": "yes", "language": 7, "emojis": "none"}))))
	if !errors.Is(err, errWrongType) || e.status == nil || e.status.Content != "<p>post 1</p>" {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestMastodon_RefusesEventsWithoutAPostOrAnID(t *testing.T) {
	for _, data := range []string{"", "null", "7", "[]", "{}", `"{}"`, `"`, `{"id":"1"}`, `{"id":"1","account":{"acct":"a"},"reblog":{}}`, "undefined"} {
		if e, err := decodeEvent("update", []byte(data)); err == nil || e.kind != "" {
			t.Errorf("%s: got %+v", data, e)
		}
	}
	for _, data := range []string{"", `""`, strings.Repeat("1", 65)} {
		if e, err := decodeEvent("delete", []byte(data)); err == nil || e.kind != "" {
			t.Errorf("delete %s: got %+v", data, e)
		}
	}
}

func TestMastodon_DecodesNestedQuotesInLinearTime(t *testing.T) {
	for name, part := range map[string]string{
		"Mastodon": `{"state":"accepted","quoted_status":{"id":"1","visibility":"public","account":{"acct":"a"},"quote":`,
		"Akkoma":   `{"id":"1","visibility":"public","account":{"acct":"a"},"quote":`,
		"boosts":   `{"id":"1","visibility":"public","account":{"acct":"a"},"reblog":`,
	} {
		closing := strings.Repeat("}", strings.Count(part, "{")-strings.Count(part, "}"))
		post := `{"id":"1","visibility":"public","account":{"acct":"a"},"quote":` + strings.Repeat(part, 4000) + "null" + strings.Repeat(closing, 4000) + "}"
		began := time.Now()
		e, err := decodeEvent("update", []byte(post))
		if err == nil {
			view{domain: "a.example", now: now}.op(e.kind, e.status)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: took %v for %d bytes, %v", name, took, len(post), err)
		}
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, seed := range []string{
		document(postJSON(1)), document(document(postJSON(1))), document(postJSON(2, map[string]any{"reblog": postJSON(1), "emojis": emojiList})),
		document(postJSON(3, map[string]any{"quote": map[string]any{"state": "accepted", "quoted_status": postJSON(1)}})),
		document(postJSON(4, map[string]any{"quote": postJSON(1), "poll": map[string]any{"options": []any{map[string]any{"title": "a"}}}})),
	} {
		f.Add("update", []byte(seed))
		f.Add("status.update", []byte(seed))
	}
	f.Add("delete", []byte(`"106692867363994015"`))
	f.Add("filters_changed", []byte("undefined"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		e, err := decodeEvent(name, data)
		if e.kind != stream.Create && e.kind != stream.Update {
			return
		}
		if err != nil && !errors.Is(err, errWrongType) {
			t.Fatalf("an event with %v", err)
		}
		op, ok := view{domain: "a.example", unlisted: true, now: now}.op(e.kind, e.status)
		if !ok {
			return
		}
		if op.ID == "mastodon:" || op.Post.Author.Handle == "" || op.Post.CreatedAt.After(now) {
			t.Fatalf("got %+v", op)
		}
		if _, err := json.Marshal(op); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkMastodon_DecodesAStatus(b *testing.B) {
	data := []byte(document(postJSON(1, map[string]any{
		"content": strings.Repeat(`<p>Some words, <a href="https://a.example/x"><span class="invisible">https://</span>a.example/x</a> and :seal:<br>more.</p>`, 3),
		"emojis":  emojiList,
	})))
	view := view{domain: "a.example", now: now}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		e, err := decodeEvent("update", data)
		if err != nil {
			b.Fatal(err)
		}
		view.op(e.kind, e.status)
	}
}
