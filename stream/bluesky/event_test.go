package bluesky

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/internal/text"
)

const (
	mio = "did:plc:mio2222222222222222222222"
	ren = "did:plc:ren2222222222222222222222"
	aoi = "did:plc:aoi2222222222222222222222"
)

// commitEvent is a message about a post. Record is JSON; if it is "", the message has no
// record.
func commitEvent(operation, did, rkey string, at time.Time, record string) string {
	if record != "" {
		record = `,"record":` + record + `,"cid":"bafyreia"`
	}
	return fmt.Sprintf(`{"did":%q,"time_us":%d,"kind":"commit","commit":{"rev":"3a","operation":%q,"collection":"app.bsky.feed.post","rkey":%q%s}}`,
		did, at.UnixMicro(), operation, rkey, record)
}

// recordOf is the JSON of a post's record: the usual members, then the members in more.
func recordOf(plain, more string) string {
	return fmt.Sprintf(`{"$type":"app.bsky.feed.post","createdAt":"2026-03-01T08:00:00.000Z","langs":["ja","en"],"text":%s%s}`, quoted(plain), more)
}

func quoted(plain string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(plain) + `"`
}

func accountEvent(did string, at time.Time, active bool, status string) string {
	return fmt.Sprintf(`{"did":%q,"time_us":%d,"kind":"account","account":{"active":%t,"did":%q,"seq":7,"status":%q}}`,
		did, at.UnixMicro(), active, did, status)
}

var march = time.Date(2026, 3, 1, 8, 0, 1, 0, time.UTC)

// opOf decodes a message and converts it to an op.
func opOf(t *testing.T, message string) (stream.Op, bool) {
	t.Helper()
	e, err := decode([]byte(message))
	if err != nil {
		t.Fatalf("%v in %s", err, message)
	}
	op, ok, _ := e.op(march)
	return op, ok
}

func TestBluesky_ConvertsEveryKindOfEvent(t *testing.T) {
	id := "bluesky:at://" + mio + "/app.bsky.feed.post/3k"
	gone := &stream.Author{Key: "bluesky:" + mio}
	tests := map[string]struct {
		message string
		kind    stream.Kind
		id      string
		author  *stream.Author
	}{
		"create":         {commitEvent("create", mio, "3k", march, recordOf("The ferry is late.", "")), stream.Create, id, nil},
		"update":         {commitEvent("update", mio, "3k", march, recordOf("The ferry is very late.", "")), stream.Update, id, nil},
		"delete":         {commitEvent("delete", mio, "3k", march, ""), stream.Destroy, id, nil},
		"deleted":        {accountEvent(mio, march, false, "deleted"), stream.AuthorGone, "", gone},
		"taken down":     {accountEvent(mio, march, false, "takendown"), stream.AuthorGone, "", gone},
		"suspended":      {accountEvent(mio, march, false, "suspended"), stream.AuthorGone, "", gone},
		"deactivated":    {accountEvent(mio, march, false, "deactivated"), stream.AuthorGone, "", gone},
		"gone somehow":   {accountEvent(mio, march, false, "melted"), stream.AuthorGone, "", gone},
		"active":         {accountEvent(mio, march, true, ""), stream.AuthorBack, "", gone},
		"desynchronized": {accountEvent(mio, march, false, "desynchronized"), "", "", nil},
		"throttled":      {accountEvent(mio, march, false, "throttled"), "", "", nil},
		"identity":       {fmt.Sprintf(`{"did":%q,"time_us":1772352001000000,"kind":"identity","identity":{"handle":"mio.example"}}`, mio), "", "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			op, ok := opOf(t, tt.message)
			if ok != (tt.kind != "") || op.Kind != tt.kind || op.ID != tt.id {
				t.Errorf("got %v %q %q, want %q %q", ok, op.Kind, op.ID, tt.kind, tt.id)
			}
			if d := cmp.Diff(tt.author, op.Author); d != "" {
				t.Errorf("author (-want +got):\n%s", d)
			}
		})
	}
}

func TestBluesky_ConvertsAPostWithAllItsParts(t *testing.T) {
	reply := `,"reply":{"root":{"uri":"at://` + aoi + `/app.bsky.feed.post/3r"},"parent":{"uri":"at://` + ren + `/app.bsky.feed.post/3p"}}`
	op, _ := opOf(t, commitEvent("update", mio, "3k", march, recordOf("Two lines,\nno more.", reply)))
	want := &stream.Post{
		ID: "bluesky:at://" + mio + "/app.bsky.feed.post/3k", Source: "bluesky",
		URL:       "https://bsky.app/profile/" + mio + "/post/3k",
		CreatedAt: march.Add(-time.Second), EditedAt: march.Add(-0), Lang: "ja", MoreLangs: []string{"en"},
		Author:  stream.Author{Key: "bluesky:" + mio, Handle: "did:plc:mio22222…", URL: "https://bsky.app/profile/" + mio},
		Text:    []stream.Segment{{Text: "Two lines,"}, {Kind: stream.Break, Text: "\n"}, {Text: "no more."}},
		ReplyTo: &stream.Reply{Key: "bluesky:" + ren, Handle: "did:plc:ren22222…", URL: "https://bsky.app/profile/" + ren + "/post/3p"},
	}
	if d := cmp.Diff(want, op.Post); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The expected numbers were counted by hand: each line of the recording is listed once.
func TestDecode_ReadsRecordedMessages(t *testing.T) {
	dir := os.Getenv("NAGARE_FIXTURES")
	if dir == "" {
		t.Skip("NAGARE_FIXTURES names no directory of real messages")
	}
	type counts struct{ Create, Update, Destroy, Gone, Back, Elsewhere, Nothing, Unreadable, Odd int }
	for name, want := range map[string]counts{
		"account_events":    {Gone: 1, Back: 1, Nothing: 1},
		"constructed_ops":   {Update: 1, Destroy: 1, Gone: 1},
		"constructed_posts": {Create: 11, Odd: 1},
		"doc_examples":      {Elsewhere: 1, Unreadable: 1},
		"doc_posts":         {Create: 4},
		"golden_kinds":      {Create: 1, Back: 1, Elsewhere: 6, Nothing: 2},
		"live_capture":      {Create: 9, Destroy: 1, Elsewhere: 24},
		"reenveloped_posts": {Create: 44},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(dir, "jetstream", name+".ndjson"))
			if err != nil {
				t.Fatal(err)
			}
			var got counts
			kinds := map[stream.Kind]*int{stream.Create: &got.Create, stream.Update: &got.Update, stream.Destroy: &got.Destroy, stream.AuthorGone: &got.Gone, stream.AuthorBack: &got.Back}
			for message := range bytes.Lines(bytes.TrimSpace(file)) {
				e, err := decode(message)
				switch {
				case isOtherCollection(message):
					got.Elsewhere++
					continue
				case e == nil:
					got.Unreadable++
					continue
				case err != nil:
					t.Errorf("%v in %s", err, message)
				}
				op, ok, err := e.op(time.Now())
				if err != nil {
					got.Odd++
				}
				if !ok {
					got.Nothing++
					continue
				}
				*kinds[op.Kind]++
				checkPost(t, e, op.Post)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// afterSegment returns the part of a text that follows a segment at its beginning. The address of a
// link is longer in the text, where it isn't shortened.
func afterSegment(plain string, s stream.Segment) (rest string, found bool) {
	if rest, found = strings.CutPrefix(plain, s.Text); found || s.Kind != stream.Link {
		return rest, found
	}
	for end := len(plain); end > 0; end-- {
		address := plain[:end]
		if shortAddress(stream.Segment{Kind: stream.Link, Text: address}) == s.Text && text.WebAddress(address) == s.Href {
			return plain[end:], true
		}
	}
	return plain, false
}

// checkPost verifies the rules that every post obeys.
func checkPost(t *testing.T, e *event, post *stream.Post) {
	t.Helper()
	if post == nil {
		return
	}
	plain := strings.ReplaceAll(e.Commit.Record.Text, "\r\n", "\n")
	rest := plain
	for _, s := range post.Text {
		after, found := afterSegment(rest, s)
		if added := rest == "" && len(e.Commit.Record.Tags) > 0; !found && !added { // tags that aren't in the text are added to it
			t.Errorf("the segment %q isn't at the beginning of %q, of %q", s.Text, rest, plain)
		}
		rest = after
	}
	if rest != "" {
		t.Errorf("the segments lack %q of %q", rest, plain)
	}
	for _, s := range post.Text {
		if s.Href != "" && text.WebAddress(s.Href) == "" || (s.Href == "") != (s.Kind == stream.Text || s.Kind == stream.Break) {
			t.Errorf("a segment leads to the wrong place: %+v", s)
		}
	}
	for _, m := range post.Media {
		if text.WebAddress(m.Preview) == "" || text.WebAddress(m.URL) == "" {
			t.Errorf("a picture that can't be shown: %+v", m)
		}
	}
	if post.CreatedAt.Year() < firstYear || post.CreatedAt.After(time.Now()) || text.WebAddress(post.URL) == "" {
		t.Errorf("written %v, to be seen at %q", post.CreatedAt, post.URL)
	}
}

func TestIsOtherCollection_IsFalseIfInDoubt(t *testing.T) {
	like := `{"did":"did:plc:a","time_us":1,"kind":"commit","commit":{"collection":"app.bsky.feed.like","record":{"subject":{"uri":"at://did:plc:b/app.bsky.feed.post/3"}}}}`
	for message, want := range map[string]bool{
		like: true,
		strings.Replace(like, ".like", ".post", 1):                                           false,
		strings.Replace(like, "app.bsky.feed.like", "app.bsky.actor.profile", 1):             false,
		strings.Replace(like, ".like", `\u002epost`, 1):                                      false,
		strings.Replace(like, "commit", "account", 1):                                        false,
		strings.Replace(like, `"collection":`, `"collection": `, 1):                          false,
		strings.Replace(like, `"subject"`, `"collection":"app.bsky.feed.post","subject"`, 1): false,
		`{"kind":"commit","collection":"`:                                                    false,
		"":                                                                                   false,
	} {
		if got := isOtherCollection([]byte(message)); got != want {
			t.Errorf("got %v, want %v for %s", got, want, message)
		}
	}
}

func TestDecode_SkipsOnlyAFieldOfTheWrongType(t *testing.T) {
	record := `{"$type":"app.bsky.feed.post","text":"Still here","langs":7,"createdAt":{},"embed":{"$type":"app.bsky.embed.images","images":[{"image":{"ref":{"$link":"bafkreia"}},"aspectRatio":{"width":1e400,"height":"3"}}]}}`
	e, err := decode([]byte(commitEvent("create", mio, "3k", march, record)))
	if err == nil || e == nil {
		t.Fatalf("got %v, %v; want both an event and what is odd about it", e, err)
	}
	op, ok, err := e.op(march)
	if !ok || err != nil || stream.PlainText(op.Post.Text) != "Still here" || len(op.Post.Media) != 1 || op.Post.Media[0].Width != 0 {
		t.Errorf("got %v, %v, %+v", ok, err, op.Post)
	}
}

func TestDecode_RefusesInvalidJSONAndMessagesWithoutAuthorOrKey(t *testing.T) {
	post := commitEvent("create", mio, "3k", march, recordOf("x", ""))
	for name, message := range map[string]string{
		"nothing":        "",
		"no JSON":        "GET / HTTP/1.1",
		"half":           post[:len(post)/2],
		"a list":         "[]",
		"null":           "null",
		"nested deeply":  strings.Repeat(`{"did":`, 20_000),
		"no author":      strings.ReplaceAll(post, mio, ""),
		"a path as name": strings.ReplaceAll(post, mio, "did:plc:../../x"),
		"no key":         strings.Replace(post, `"rkey":"3k"`, `"rkey":""`, 1),
		"a path as key":  strings.Replace(post, `"rkey":"3k"`, `"rkey":"../x"`, 1),
	} {
		if e, err := decode([]byte(message)); e != nil || err == nil {
			t.Errorf("%s: got %+v, %v; want an error alone", name, e, err)
		}
	}
}

func TestBluesky_UnknownEventsAreCountedAndIgnored(t *testing.T) {
	post := commitEvent("create", mio, "3k", march, recordOf("x", ""))
	for name, message := range map[string]string{
		"kind":      strings.Replace(post, `"commit"`, `"sync"`, 1),
		"operation": strings.Replace(post, `"create"`, `"upsert"`, 1),
		"record":    strings.Replace(post, `"$type":"app.bsky.feed.post"`, `"$type":"app.bsky.feed.threadgate"`, 1),
		"null":      commitEvent("create", mio, "3k", march, "null"),
		"no state":  fmt.Sprintf(`{"did":%q,"kind":"account","account":{}}`, mio),
	} {
		e, err := decode([]byte(message))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if op, ok, err := e.op(march); ok || err == nil {
			t.Errorf("%s: got %+v, %v; want nothing but a reason", name, op, err)
		}
	}
	e, err := decode([]byte(strings.Replace(post, `"collection":"app.bsky.feed.post"`, `"collection": "com.example.thing"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if op, ok, err := e.op(march); ok || err != nil {
		t.Errorf("another collection: got %+v, %v; want nothing, which is not odd", op, err)
	}
}
