package x

import (
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// seeds are made-up messages, one for each kind that the decoder distinguishes.
var seeds = []string{
	lineOf("1"),
	`{"data":{"id":"1","author_id":"7","text":"RT @mio: a","referenced_tweets":[{"type":"retweeted","id":"2"}]},"includes":{"tweets":[{"id":"2","text":"a"}]}}`,
	`{"data":{"id":"3","text":"🚢 #a @b $C https://t.co/d &lt;","edit_history_tweet_ids":["2","3"],"display_text_range":[1,4],"entities":{"hashtags":[{"start":2,"end":4,"tag":"a"}],
		"mentions":[{"start":5,"end":7,"username":"b"}],"cashtags":[{"start":8,"end":10,"tag":"C"}],"urls":[{"start":11,"end":25,"url":"https://t.co/d","display_url":"pic.x.com/d"}]}}}`,
	`{"data":{"id":"4","text":"a","note_tweet":{"text":"a b","entities":{"hashtags":[{"start":-1,"end":99,"tag":""}]}},"attachments":{"media_keys":["k",""],"poll_ids":["p"]}},
		"includes":{"media":[{"media_key":"k","type":"video","variants":[{}]}],"polls":[{"id":"p","options":[{"label":"x","votes":null}]}]}}`,
	`{"data":{"id":5,"text":["a"],"entities":{"urls":{}},"withheld":"DE"},"errors":[{"type":"/resource-not-found","value":"9"}]}`,
	`{"errors":[{"disconnect_type":"x"}],"title":1}`,
	`{"data":null,"includes":{"users":[null],"tweets":[{}],"media":null}}`,
	"[]", "null", "7", `"\ud800"`, "", strings.Repeat("[", 20_000),
}

func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), "DE")
	}
	f.Fuzz(func(t *testing.T, line []byte, country string) {
		m, _, err := decode(line)
		if err != nil {
			return
		}
		for _, e := range append(m.Errors, m.apiError) {
			e.disconnection(strings.ToUpper)
		}
		if !m.Data.valid() {
			return
		}
		op := newView(m, now, country).op(m.Data)
		if op.ID == "" && op.Author == nil {
			t.Errorf("an op without an id: %+v", op)
		}
		if (op.Kind == stream.Create || op.Kind == stream.Update) != (op.Post != nil) {
			t.Errorf("%s with the post %v", op.Kind, op.Post)
		}
		if op.Post == nil {
			return
		}
		if op.Post.CreatedAt.After(now) || !strings.HasPrefix(op.Post.ID, "x:") {
			t.Errorf("%+v", op.Post)
		}
		for _, s := range op.Post.Text {
			if s.Href != text.WebAddress(s.Href) || s.Text == "" {
				t.Errorf("the segment %+v", s)
			}
		}
		sameText(t, m.Data)
	})
}

// sameText verifies that the segments have the whole text and nothing else. It skips texts with
// links, which are shown as another text, and texts with HTML escapes, because a segment may
// end within an escape.
func sameText(t *testing.T, p post) {
	text, entities := p.body()
	if len(entities.URLs) > 0 || strings.Contains(text, "&") {
		return
	}
	bare := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r", "")) }
	if got, want := bare(stream.PlainText(p.segments(shownBeside{}))), bare(text); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkX_DecodeAndNormalise(b *testing.B) {
	lines := fixtureLines(b, "reframed_posts.ndjson")
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	b.SetBytes(int64(size / len(lines)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m, _, err := decode(lines[i%len(lines)])
		if err != nil {
			b.Fatal(err)
		}
		newView(m, now, "DE").op(m.Data)
	}
}
