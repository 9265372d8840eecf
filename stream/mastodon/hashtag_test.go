package mastodon

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream/streamtest"
)

func TestMastodon_RecognizesTheHashtagsThatTheServerLists(t *testing.T) {
	for name, test := range map[string]struct {
		content  string
		tag, url string
		want     string
		beside   []string
	}{
		"a link without a class": {`<p><a href="https://b.example/tags/neko">#neko</a>`, "neko", "https://a.example/tags/neko", "hashtag[#neko](https://b.example/tags/neko)", nil},
		"an accent":              {`<a href="https://b.example/t/%C3%A4">#Archäologie</a>`, "archaologie", "https://a.example/x", "hashtag[#Archäologie](https://b.example/t/%C3%A4)", nil},
		"a wide sign":            {`<a href="https://b.example/t/1">＃流れ</a>`, "流れ", "https://a.example/x", "hashtag[＃流れ](https://b.example/t/1)", nil},
		"another link":           {`<a href="https://b.example/1">#1 of 2</a>`, "neko", "https://a.example/x", "link[#1 of 2](https://b.example/1)", []string{"neko"}},
		"only in the list":       {`<p>asleep</p>`, "neko", "https://a.example/x", "asleep", []string{"neko"}},
	} {
		post := decoded(t, postJSON(1, map[string]any{"content": test.content, "tags": []map[string]any{{"name": test.tag, "url": test.url}}}))
		if got := streamtest.Flat(post.Text); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if d := cmp.Diff(test.beside, post.Tags); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestMastodon_CountsVotersOnlyInPollsWithSeveralChoices(t *testing.T) {
	for multiple, want := range map[bool]int{true: 10, false: 0} {
		post := decoded(t, postJSON(1, map[string]any{"poll": map[string]any{"multiple": multiple, "voters_count": 10, "options": []map[string]any{{"title": "A", "votes_count": 8}}}}))
		if post.Poll.Voters != want {
			t.Errorf("multiple %v: %d voters, want %d", multiple, post.Poll.Voters, want)
		}
	}
}
