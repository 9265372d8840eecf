package replay

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

// nativeLines are invented messages in the format of each network.
var nativeLines = map[string]string{
	"twitter": `{"created_at":"Sat Oct 03 09:00:00 +0000 2026","id_str":"1","text":"hello","user":{"id_str":"7","screen_name":"emma","name":"Emma"},"timestamp_ms":"1791018000000"}`,
	"twitter's repost": `{"created_at":"Sat Oct 03 09:00:00 +0000 2026","id_str":"2","text":"RT","user":{"id_str":"8","screen_name":"ann","name":"Ann"},"retweeted_status":` +
		`{"created_at":"Sat Oct 03 08:00:00 +0000 2026","id_str":"1","text":"hello","user":{"id_str":"7","screen_name":"emma"}}}`,
	"twitter's delete": `{"delete":{"status":{"id_str":"1","user_id_str":"7"}}}`,
	"twitter's limit":  `{"limit":{"track":10}}`,
	"twitter's author": `{"user_withheld":{"id":7,"withheld_in_countries":["DE"]}}`,
	"x":                `{"data":{"id":"1900000000000000001","text":"hello","author_id":"7","created_at":"2026-10-03T09:00:01.000Z","edit_history_tweet_ids":["1900000000000000001"]},"includes":{"users":[{"id":"7","username":"emma","name":"Emma"}]}}`,
	"x's edit":         `{"data":{"id":"1900000000000000002","text":"hello!","author_id":"7","created_at":"2026-10-03T09:00:02.000Z","edit_history_tweet_ids":["1900000000000000001","1900000000000000002"]}}`,
	"x's end":          `{"errors":[{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect"}]}`,
	"jetstream":        `{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","time_us":1791018003000000,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"3l3qo2vuowo2b","record":{"$type":"app.bsky.feed.post","text":"hello","createdAt":"2026-10-03T09:00:03Z"}}}`,
	"jetstream's like": `{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","time_us":1791018003000000,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.like","rkey":"3l3qo2vuowo2b"}}`,
	"jetstream's end":  `{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","time_us":1791018004000000,"kind":"account","account":{"active":false,"status":"deleted"}}`,
	"mastodon":         `{"stream":["public"],"event":"update","payload":"{\"id\":\"1\",\"uri\":\"https://town.example/1\",\"created_at\":\"2026-10-03T09:00:05Z\",\"visibility\":\"public\",\"content\":\"<p>hello</p>\",\"account\":{\"acct\":\"emma\",\"url\":\"https://town.example/@emma\"}}"}`,
	"mastodon's edit":  `{"event":"status.update","payload":{"id":"1","uri":"https://town.example/1","created_at":"2026-10-03T09:00:05Z","edited_at":"2026-10-03T09:00:06Z","visibility":"public","content":"hello!","account":{"acct":"emma","url":"https://town.example/@emma"}}}`,
	"mastodon, closed": `{"event":"update","payload":{"id":"2","uri":"https://town.example/2","created_at":"2026-10-03T09:00:05Z","visibility":"private","content":"hello","account":{"acct":"emma"}}}`,
	"mastodon's end":   `{"event":"delete","payload":"1"}`,
	"mastodon's event": "event: update\ndata: {\"id\":\"1\",\"uri\":\"https://town.example/1\",\"created_at\":\"2026-10-03T09:00:05Z\",\"visibility\":\"public\",\"content\":\"hello\",\"account\":{\"acct\":\"emma\"}}\n\n",
}

func TestReplay_ReadsTheMessagesOfNetworks(t *testing.T) {
	nine := time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC)
	n := messages{decoders: networks.Decoders("de")}
	for _, test := range []struct{ line, want string }{
		{"twitter", "create twitter:1 at 0s"},
		{"twitter's repost", "create twitter:2 at 0s"},
		{"twitter's limit", "lost  at 0s"},
		{"twitter's limit", "nothing"},
		{"twitter's delete", "destroy twitter:1 at 0s"},
		{"twitter's author", "author_gone twitter:7 at 0s"},
		{"x", "create x:1900000000000000001 at 1s"},
		{"x's edit", "update x:1900000000000000002 at 2s"},
		{"x's end", "nothing"},
		{"jetstream", "create bluesky:at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3l3qo2vuowo2b at 3s"},
		{"jetstream's like", "nothing"},
		{"jetstream's end", "author_gone bluesky:did:plc:aaaaaaaaaaaaaaaaaaaaaaaa at 4s"},
		{"mastodon", "create mastodon:https://town.example/1 at 5s"},
		{"mastodon, closed", "nothing"},
		{"mastodon's edit", "update mastodon:https://town.example/1 at 6s"},
		{"mastodon's end", "destroy mastodon:https://town.example/1 at 6s"},
		{"mastodon", "nothing"},
	} {
		op, err := n.decode([]byte(nativeLines[test.line]))
		got := "nothing"
		if err == nil {
			id := op.ID
			if op.Author != nil {
				id = op.Author.Key
			}
			got = fmt.Sprintf("%s %s at %v", op.Kind, id, op.At.Sub(nine))
		} else if err != stream.ErrNoOp {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.line, got, test.want)
		}
	}
}

func TestReplay_ReadsAStreamOfEvents(t *testing.T) {
	event := nativeLines["mastodon's event"]
	for name, file := range map[string]string{
		"as Mastodon begins": ":)\n" + event,
		"an event at once":   event,
		"heartbeats":         ":thump\n\n:thump\n" + event + ":thump\n",
		"CRLF and a mark":    "\ufeff" + strings.ReplaceAll(event, "\n", "\r\n"),
		"gzip":               streamtest.Zipped(t, ":)\n"+event),
		"gzip, cut short":    streamtest.CutShort(streamtest.Zipped(t, ":)\n"+event)),
		"half an event":      event + "event: update\ndata: {",
		"a broken one":       "data: oops\n\nevent: update\ndata: {\n\n" + event,
	} {
		t.Run(name, func(t *testing.T) {
			got := ids(listen(t, replayOf(file), 9))
			if diff := cmp.Diff([]string{"create mastodon:https://town.example/1"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReplay_KeepsThePaceOfNetworkMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(nativeLines["twitter's delete"] + "\n" + nativeLines["x"] + "\n" + nativeLines["x's edit"] + "\n" + nativeLines["jetstream's end"])
		r.Loop = true
		began := time.Now()
		var got []string
		for _, op := range listen(t, r, 8) {
			if op.Author != nil {
				op.ID = op.Author.Key
			}
			got = append(got, fmt.Sprint(op.when.Sub(began), " ", op.ID, " ", op.Earlier))
		}
		want := []string{
			"0s twitter:1 []", "0s x:1900000000000000001 []", "1s x:1900000000000000002 [x:1900000000000000001]",
			"3s bluesky:did:plc:aaaaaaaaaaaaaaaaaaaaaaaa []",
			"4s twitter:1~2 []", "4s x:1900000000000000001~2 []", "5s x:1900000000000000002~2 [x:1900000000000000001~2]",
			"7s bluesky:did:plc:aaaaaaaaaaaaaaaaaaaaaaaa~2 []",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReplay_RenamesAuthorsInEachRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(nativeLines["jetstream"] + "\n" + nativeLines["jetstream's end"])
		r.Loop = true
		page := streamtest.NewPage(t)
		l := reconcile.New(page.Emit, nil)
		for _, op := range listen(t, r, 6) {
			l.Emit(op.Op)
		}
		if len(page.Gone) != 3 {
			t.Errorf("%d posts were shown and destroyed, want one in each of 3 rounds", len(page.Gone))
		}
	})
}

// fixtures are files of recorded messages. For each file, the numbers say how many creates,
// updates, destroys, ops on authors, notices and lines without an op it has.
var fixtures = map[string][6]int{
	"jetstream/account_events.ndjson":            {0, 0, 0, 2, 0, 0},
	"jetstream/constructed_ops.ndjson":           {0, 1, 1, 1, 0, 0},
	"jetstream/constructed_posts.ndjson":         {11, 0, 0, 0, 0, 0},
	"jetstream/did_docs.json":                    {0, 0, 0, 0, 0, 262},
	"jetstream/doc_examples.ndjson":              {0, 0, 0, 0, 0, 1},
	"jetstream/doc_posts.ndjson":                 {4, 0, 0, 0, 0, 0},
	"jetstream/golden_kinds.ndjson":              {1, 0, 0, 1, 0, 0},
	"jetstream/live_capture.ndjson":              {9, 0, 1, 0, 0, 0},
	"jetstream/profiles.json":                    {0, 0, 0, 0, 0, 114},
	"jetstream/reenveloped_posts.ndjson":         {44, 0, 0, 0, 0, 0},
	"mastodon/constructed_hostile_html.ndjson":   {5, 0, 0, 0, 0, 0},
	"mastodon/doc_events.ndjson":                 {0, 1, 0, 0, 0, 0},
	"mastodon/edits.ndjson":                      {1, 5, 1, 0, 0, 0},
	"mastodon/quotes_boosts_polls_cw.ndjson":     {3, 1, 0, 0, 0, 0},
	"mastodon/statuses_as_updates.ndjson":        {43, 0, 0, 0, 0, 0},
	"mastodon/user_stream.sse":                   {1, 0, 0, 0, 0, 0},
	"mastodon/ws_frames.ndjson":                  {1, 0, 0, 0, 0, 1},
	"twitter-v1/notices.ndjson":                  {3, 2, 2, 0, 2, 0},
	"twitter-v1/official_payloads.ndjson":        {13, 0, 0, 0, 0, 0},
	"twitter-v1/search_multilingual.ndjson":      {33, 0, 0, 0, 0, 0},
	"twitter-v1/status_variants.ndjson":          {2, 0, 1, 0, 0, 0},
	"twitter-v1/stream_capture.ndjson":           {36, 0, 0, 0, 0, 0},
	"twitter-v1/tweet_modes.ndjson":              {11, 0, 4, 0, 0, 0},
	"x-v2/activity_events.ndjson":                {0, 0, 0, 0, 0, 0},
	"x-v2/compliance.ndjson":                     {0, 0, 0, 0, 0, 2},
	"x-v2/constructed_note_tweet.ndjson":         {1, 0, 0, 0, 0, 0},
	"x-v2/edits.ndjson":                          {1, 1, 0, 0, 0, 0},
	"x-v2/filtered_stream_capture.ndjson":        {4, 0, 0, 0, 0, 0},
	"x-v2/filtered_stream_truncated_line.ndjson": {0, 0, 0, 0, 0, 1},
	"x-v2/reframed_posts.ndjson":                 {46, 0, 0, 0, 0, 0},
	"x-v2/rules_and_doc_example.ndjson":          {1, 0, 0, 0, 0, 0},
	"x-v2/stream_errors.ndjson":                  {0, 0, 0, 0, 0, 0},
}

// Each file gives the counts above, and the same ops when it is played a second time.
func TestReplay_PlaysRecordedMessagesOfEachNetwork(t *testing.T) {
	dir := os.Getenv("NAGARE_FIXTURES")
	if dir == "" {
		t.Skip("NAGARE_FIXTURES names no directory with real messages")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		name, _ := filepath.Rel(dir, path)
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, first := playFixture(t, path)
				if want, known := fixtures[name]; !known || got != want {
					t.Errorf("got %v, want %v", got, want)
				}
				if _, again := playFixture(t, path); !cmp.Equal(first, again) {
					t.Errorf("another time it is played otherwise:\n%s", cmp.Diff(first, again))
				}
			})
		})
	}
}

// playFixture plays a file through a reconciler. It returns the counts and the ops of the
// replay.
func playFixture(t *testing.T, path string) (counts [6]int, ops []stream.Op) {
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := newReader(file, networks.Decoders(""))
	if err != nil {
		t.Fatal(err)
	}
	page := streamtest.NewPage(t)
	l := reconcile.New(page.Emit, nil)
	at := map[stream.Kind]int{stream.Create: 0, stream.Update: 1, stream.Withheld: 1, stream.Destroy: 2, stream.AuthorGone: 3, stream.AuthorBack: 3, stream.AuthorUpdate: 3, stream.Gap: 4, stream.Lost: 4}
	for {
		op, err := r.next()
		if err == io.EOF {
			counts[5] = r.skipped
			return counts, ops
		}
		if err != nil {
			t.Fatal(err)
		}
		if !op.At.IsZero() {
			if err := recording.Check(op); err != nil {
				t.Errorf("%s: %v", op.ID, err)
			}
		}
		counts[at[op.Kind]]++
		ops = append(ops, op)
		if err := l.Emit(op); err != nil {
			t.Error(err)
		}
	}
}
