package mastodon

import (
	"slices"
	"testing"

	"nagare/stream"
	"nagare/stream/query"
)

func noIndex(post *stream.Post) bool {
	_, terms := stream.SearchIndex(post)
	return slices.Contains(terms, query.NoIndex)
}

func TestMastodon_AnAuthorCanAskNotToBeIndexed(t *testing.T) {
	account := func(noindex any) map[string]any {
		return map[string]any{"account": map[string]any{"id": "1", "acct": "mio", "uri": "https://a.example/ap/1", "noindex": noindex}}
	}
	quote := map[string]any{"quote": map[string]any{"state": "accepted", "quoted_status": postJSON(6, account(true))}}
	for name, test := range map[string]struct {
		post map[string]any
		want bool
	}{
		"asks":             {postJSON(5, account(true)), true},
		"doesn't ask":      {postJSON(5, account(false)), false},
		"doesn't say":      {postJSON(5, account(nil)), false},
		"an older version": {postJSON(5), false},
		"is quoted":        {postJSON(5, quote), true},
	} {
		if got := noIndex(decoded(t, test.post)); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestMastodon_RecordedAuthorsWhoAskNotToBeIndexed(t *testing.T) {
	var handles []string
	for _, line := range fixtureLines(t, "statuses_as_updates.ndjson") {
		e, err := decodeEvent(line.Event, line.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if op, ok := (view{domain: "home.example", now: now}).op(e.kind, e.status); ok && noIndex(op.Post) {
			handles = append(handles, op.Post.Author.Handle)
		}
	}
	if want := []string{"termehs@home.example"}; !slices.Equal(handles, want) {
		t.Errorf("got %q, want %q", handles, want)
	}
}

func TestMastodon_AnAuthorCanBeABot(t *testing.T) {
	for _, bot := range []any{true, false, nil} {
		post := postJSON(5, map[string]any{"account": map[string]any{"id": "1", "acct": "mio", "uri": "https://a.example/ap/1", "bot": bot}})
		if got := decoded(t, post).Author.Bot; got != (bot == true) {
			t.Errorf("%v: got %v", bot, got)
		}
	}
}
