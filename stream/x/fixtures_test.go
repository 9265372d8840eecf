package x

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// fixtureLines returns the lines of a file of recorded messages.
func fixtureLines(t testing.TB, name string) (lines [][]byte) {
	t.Helper()
	dir := os.Getenv("NAGARE_FIXTURES")
	if dir == "" {
		t.Skip("NAGARE_FIXTURES names no directory with recorded messages of the networks")
	}
	file, err := os.Open(filepath.Join(dir, "x-v2", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		lines = append(lines, slices.Clone(in.Bytes()))
	}
	return lines
}

// opsOf returns the op of a line in a slice, which is empty if the line has no post.
func opsOf(t testing.TB, line []byte, country string) []stream.Op {
	t.Helper()
	m, _, err := decode(line)
	if err != nil || !m.Data.valid() {
		return nil
	}
	return []stream.Op{newView(m, time.Now(), country).op(m.Data)}
}

func TestX_DecodesEveryRecordedMessage(t *testing.T) {
	for name, want := range map[string]string{ // the numbers come from another program
		"filtered_stream_capture.ndjson":        "card 1, create 4, media 2, quote 1, quoted 1, reply 1, sensitive 1",
		"filtered_stream_truncated_line.ndjson": "",
		"reframed_posts.ndjson": "card 3, create 46, media 8, poll 1, quote 7, quoted 1, reply 13, repost 16, " +
			"sensitive 1, unsupported 7",
		"edits.ndjson":                  "create 1, edited 1, media 1, update 1",
		"constructed_note_tweet.ndjson": "create 1",
		"rules_and_doc_example.ndjson":  "create 1",
		"activity_events.ndjson":        "",
		"compliance.ndjson":             "",
		"stream_errors.ndjson":          "",
	} {
		if got := counted(t, name, ""); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	want := "author_gone 3, card 2, create 43, media 8, poll 1, quote 7, quoted 1, reply 13, repost 14, sensitive 1, unsupported 7"
	if got := counted(t, "reframed_posts.ndjson", "IN"); got != want {
		t.Errorf("in India, where three of the authors are withheld: got %q, want %q", got, want)
	}
}

// counted describes a file: how many ops of each kind it has, and how many posts have each
// part.
func counted(t *testing.T, name, country string) string {
	counts := map[string]int{}
	for _, line := range fixtureLines(t, name) {
		for _, op := range opsOf(t, line, country) {
			count(counts, op)
		}
	}
	var out []string
	for what, n := range counts {
		out = append(out, fmt.Sprint(what, " ", n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func count(counts map[string]int, op stream.Op) {
	counts[string(op.Kind)]++
	t := op.Post
	if t == nil {
		return
	}
	for what, there := range map[string]bool{
		"media": len(t.Media) > 0, "quote": t.Quote != nil, "quoted": t.Quote != nil && t.Quote.Post != nil,
		"reply": t.ReplyTo != nil, "repost": t.RepostedBy != nil, "sensitive": t.Sensitive, "poll": t.Poll != nil,
		"card": t.Preview != nil, "edited": !t.EditedAt.IsZero(), "unsupported": t.Unsupported, "nameless": t.Author.Handle == "",
	} {
		if there {
			counts[what]++
		}
	}
}

// The test joins the segments of each text again, and replaces each shown link by the address
// that was sent. No part may be missing, duplicated or moved.
func TestX_DividesEveryRecordedTextExactly(t *testing.T) {
	texts, entities := 0, 0
	for _, name := range []string{"filtered_stream_capture.ndjson", "reframed_posts.ndjson", "edits.ndjson", "constructed_note_tweet.ndjson"} {
		for i, line := range fixtureLines(t, name) {
			m, _, err := decode(line)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range append(m.Includes.Posts, m.Data) {
				raw, e := p.body()
				texts, entities = texts+1, entities+e.count()
				if got, want := rejoined(p), strings.TrimSpace(text.Unescape(raw)); got != want {
					t.Errorf("%s:%d\n got %q\nwant %q", name, i+1, got, want)
				}
				if got := len(linked(p)); got != e.count() {
					t.Errorf("%s:%d has %d links, want %d in %q", name, i+1, got, e.count(), raw)
				}
			}
		}
	}
	if texts != 83 || entities != 248 {
		t.Errorf("compared %d texts with %d entities, want 83 with 248", texts, entities)
	}
}

func (e entities) count() int {
	return len(e.URLs) + len(e.Mentions) + len(e.Hashtags) + len(e.Cashtags)
}

// rejoined is the text of all segments, with the t.co address in place of each shown link.
func rejoined(p post) string {
	var b strings.Builder
	_, e := p.body()
	for _, s := range p.segments(shownBeside{}) {
		raw := s.Text
		for _, u := range e.URLs {
			if s.Kind == stream.Link && s.Href == u.URL && s.Text == u.Display && u.End-u.Start == utf8.RuneCountInString(u.URL) {
				raw = u.URL
			}
		}
		b.WriteString(raw)
	}
	return b.String()
}

// linked returns the segments that have a link which belongs to their text.
func linked(p post) (out []stream.Segment) {
	_, e := p.body()
	for _, s := range p.segments(shownBeside{}) {
		word := strings.TrimLeft(s.Text, "#$@＃")
		ok := false
		switch s.Kind {
		case stream.Link:
			ok = slices.ContainsFunc(e.URLs, func(u link) bool { return u.URL == s.Href })
		case stream.Mention:
			ok = slices.ContainsFunc(e.Mentions, func(m mention) bool { return strings.EqualFold(m.Username, word) })
		case stream.Hashtag:
			ok = slices.ContainsFunc(append(e.Hashtags, e.Cashtags...), func(h tag) bool { return h.Tag == word })
		}
		if ok {
			out = append(out, s)
		}
	}
	return out
}
