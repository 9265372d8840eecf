package twitter

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/internal/lines"
)

var fixtureNames = []string{
	"notices.ndjson", "official_payloads.ndjson", "search_multilingual.ndjson",
	"status_variants.ndjson", "stream_capture.ndjson", "tweet_modes.ndjson",
}

// fixtureLines returns the lines of a file of recorded messages.
func fixtureLines(t testing.TB, name string) (found [][]byte) {
	t.Helper()
	dir := os.Getenv("NAGARE_FIXTURES")
	if dir == "" {
		t.Skip("NAGARE_FIXTURES names no directory with recorded messages of the networks")
	}
	file, err := os.Open(filepath.Join(dir, "twitter-v1", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, lines.MaxLine)
	for in.Scan() {
		found = append(found, slices.Clone(in.Bytes()))
	}
	return found
}

func TestTwitter_DecodesEveryRecordedMessage(t *testing.T) {
	for name, want := range map[string]string{ // the numbers come from another program
		"notices.ndjson":             "create 3, delete 2, destroy 2, disconnect 1, limit 2, post 3, scrub_geo 1, status_withheld 1, user_withheld 1, warning 1, withheld 2",
		"official_payloads.ndjson":   "create 13, media 2, poll 1, post 13, quote 4, quoted 4, reply 3, repost 2",
		"search_multilingual.ndjson": "create 33, media 14, post 33, quote 4, quoted 4, reply 4, repost 16, sensitive 2",
		"status_variants.ndjson":     "create 2, destroy 1, media 1, post 3, quote 1, quoted 1",
		"stream_capture.ndjson":      "create 36, media 11, post 36, quote 4, quoted 4, reply 14",
		"tweet_modes.ndjson":         "create 11, destroy 4, media 5, post 15, quote 3, quoted 3, reply 3, repost 3",
	} {
		if got := counted(t, name, ""); got != want {
			t.Errorf("%s\n got %q\nwant %q", name, got, want)
		}
	}
	want := "author_gone 1, create 3, delete 2, destroy 3, disconnect 1, limit 2, post 3, scrub_geo 1, status_withheld 1, user_withheld 1, warning 1"
	if got := counted(t, "notices.ndjson", "de"); got != want {
		t.Errorf("in Germany, where a post and an author are withheld\n got %q\nwant %q", got, want)
	}
}

// counted describes a file: the number of messages, of ops by kind, and of posts that have each
// part.
func counted(t *testing.T, name, country string) string {
	counts := map[string]int{}
	for i, line := range fixtureLines(t, name) {
		m, err := decode(line, country)
		if err != nil {
			t.Errorf("%s:%d: %v", name, i+1, err)
		}
		counts[m.kind]++
		if m.op.Kind != "" {
			counts[string(m.op.Kind)]++
		}
		for what, there := range partsOf(m.op.Post) {
			if there {
				counts[what]++
			}
		}
	}
	var out []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprint(what, " ", counts[what]))
	}
	return strings.Join(out, ", ")
}

func partsOf(t *stream.Post) map[string]bool {
	if t == nil {
		return nil
	}
	return map[string]bool{
		"media": len(t.Media) > 0, "quote": t.Quote != nil, "quoted": t.Quote != nil && t.Quote.Post != nil,
		"reply": t.ReplyTo != nil, "repost": t.RepostedBy != nil, "sensitive": t.Sensitive, "poll": t.Poll != nil,
		"unsupported": t.Unsupported, "wordless": len(t.Text) == 0, "undated": t.CreatedAt.IsZero(),
	}
}

func TestTwitter_DividesEveryRecordedTextExactly(t *testing.T) {
	texts, entities := 0, 0
	for _, name := range fixtureNames {
		for i, line := range fixtureLines(t, name) {
			n, parts := cutExactly(t, fmt.Sprint(name, ":", i+1), line)
			texts, entities = texts+n, entities+parts
		}
	}
	if texts != 144 || entities != 210 {
		t.Errorf("compared %d texts with %d displayed parts, want 144 with 210", texts, entities)
	}
}

// Offsets count code points of the text as it was sent, in which an emoji may have several, and
// an HTML escape such as &amp; has one for each of its characters.
func TestTwitter_OffsetsCountCodePointsOfTheTextAsItWasSent(t *testing.T) {
	for _, before := range []string{"", "🎉", "👩‍👩‍👧 &amp; 🇯🇵 ", "&lt;語&gt; ", "𝔸\u0301 &amp;amp; "} {
		at := utf8.RuneCountInString(before)
		text := before + "#flow @mio_h https://t.co/a $HNS 🎈"
		entities := fmt.Sprintf(`{"hashtags":[{"text":"flow","indices":[%d,%d]}],"user_mentions":[{"screen_name":"mio_h","id_str":"7","indices":[%d,%d]}],`+
			`"urls":[{"url":"https://t.co/a","expanded_url":"https://a.example/long","display_url":"a.example/long","indices":[%d,%d]}],"symbols":[{"text":"HNS","indices":[%d,%d]}]}`,
			at, at+5, at+6, at+12, at+13, at+27, at+28, at+32)
		line := strings.Replace(postJSON("1", text), `{"hashtags":[],"urls":[],"user_mentions":[],"symbols":[]}`, entities, 1)
		if texts, parts := cutExactly(t, text, []byte(line)); texts != 1 || parts != 4 {
			t.Errorf("%q: %d texts with %d parts, want one with 4", text, texts, parts)
		}
		m, err := decode([]byte(line), "")
		if want := html.UnescapeString(before) + "#flow @mio_h a.example/long $HNS 🎈"; err != nil || stream.PlainText(m.op.Post.Text) != want {
			t.Errorf("got %q, %v, want %q", stream.PlainText(m.op.Post.Text), err, want)
		}
	}
}

// cutExactly compares how the decoder divides the texts of a message with the result of a
// second implementation, which works on runes and untyped JSON. It returns the number of texts
// and of linked parts.
func cutExactly(t *testing.T, where string, line []byte) (texts, parts int) {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal(line, &raw); err != nil {
		t.Fatal(err)
	}
	if raw["user"] == nil {
		return 0, 0
	}
	for _, post := range allPosts(raw) {
		var s status
		encoded, _ := json.Marshal(post)
		json.Unmarshal(encoded, &s)
		body := s.body()
		want, links := displayed(post)
		if got := stream.PlainText(body.segments("")); got != want {
			t.Errorf("%s\n got %q\nwant %q", where, got, want)
		}
		if got := countLinked(body.segments("")); got != links {
			t.Errorf("%s: got %d parts with the right address, want %d", where, got, links)
		}
		texts, parts = texts+1, parts+links
	}
	return texts, parts
}

// countLinked counts the segments whose address belongs to their text.
func countLinked(segs []stream.Segment) (right int) {
	for _, s := range segs {
		word := strings.TrimLeft(s.Text, "@#＠＃$")
		switch {
		case s.Kind == stream.Link && strings.HasPrefix(s.Href, "http") && s.Title != "",
			s.Kind == stream.Mention && strings.EqualFold(s.Href, "https://x.com/"+word),
			s.Kind == stream.Hashtag && s.Href == "https://x.com/hashtag/"+url.PathEscape(word),
			s.Kind == stream.Hashtag && s.Href == "https://x.com/search?q=%24"+word:
			right++
		}
	}
	return right
}

// allPosts returns a post and all posts inside of it: reposted and quoted ones.
func allPosts(post map[string]any) []map[string]any {
	out := []map[string]any{post}
	for _, key := range []string{"retweeted_status", "quoted_status"} {
		if inner, ok := post[key].(map[string]any); ok {
			out = append(out, allPosts(inner)...)
		}
	}
	return out
}

// whereItIs returns the offsets of an entity. If another word of the text is at start, it
// searches for the entity in the text. If the text doesn't contain the entity, the offsets are
// negative.
func whereItIs(text []rune, entity map[string]any, start, end int) (from, to int) {
	word := ""
	for key, sign := range map[string]string{"url": "", "screen_name": "@", "text": "#"} {
		if value, ok := entity[key].(string); ok {
			word = sign + value
		}
	}
	fits := func(from, to int) bool {
		if from < 0 || to > len(text) {
			return false
		}
		part := strings.NewReplacer("＃", "#", "＠", "@", "$", "#").Replace(string(text[from:to]))
		return strings.EqualFold(part, word)
	}
	if fits(start, end) {
		return start, end
	}
	length := utf8.RuneCountInString(word)
	for from := range text {
		if fits(from, from+length) {
			return from, from + length
		}
	}
	return -1, -1
}

// displayed returns the text that should be displayed for a post, and the number of its links.
func displayed(post map[string]any) (string, int) {
	body := post
	if extended, ok := post["extended_tweet"].(map[string]any); ok {
		body = extended
	}
	text, ok := body["full_text"].(string)
	if !ok {
		text = body["text"].(string)
	}
	runes, from, to := []rune(text), 0, len([]rune(text))
	if r, ok := body["display_text_range"].([]any); ok {
		from, to = int(r[0].(float64)), int(r[1].(float64))
	}
	instead := map[int]string{} // what is displayed for an entity, by the start of the entity
	until := map[int]int{}      // the end of an entity, by its start
	entities, _ := body["entities"].(map[string]any)
	for kind, list := range entities {
		list, _ := list.([]any)
		for _, e := range list {
			e := e.(map[string]any)
			indices, ok := e["indices"].([]any)
			if !ok {
				continue // the entity is a poll
			}
			start, end := whereItIs(runes, e, int(indices[0].(float64)), int(indices[1].(float64)))
			if start < from || end > to {
				continue
			}
			until[start], instead[start] = end, html.UnescapeString(string(runes[start:end]))
			if kind == "urls" {
				instead[start] = e["display_url"].(string)
			}
			if kind == "media" {
				instead[start] = ""
			}
		}
	}
	var b strings.Builder
	parts := 0
	for at := from; at < to; at++ {
		if word, ok := instead[at]; ok {
			b.WriteString(word)
			if word != "" {
				parts++
			}
			at = until[at] - 1
			continue
		}
		b.WriteRune(runes[at])
	}
	return strings.TrimSpace(html.UnescapeString(b.String())), parts
}
