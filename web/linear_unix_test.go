//go:build unix && !race

package web

import (
	"fmt"
	"math"
	"strings"
	"syscall"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/networks"
)

// crowded are messages with n links, mentions and custom emoji, in the form of each network.
var crowded = map[string]func(n int) string{
	"mastodon": func(n int) string {
		var content, codes, mentions, emoji strings.Builder
		for i := range n {
			fmt.Fprintf(&content, `<a href='https://a.example/@u%d' class='mention'>@u%d</a> :e%d: `, i, i, i)
			fmt.Fprintf(&codes, ":e%d: ", i)
			fmt.Fprintf(&mentions, `{"id":"%d","acct":"u%d","url":"https://a.example/@u%d"},`, i, i, i)
			fmt.Fprintf(&emoji, `{"shortcode":"e%d","url":"https://a.example/e%d.png"},`, i, i)
		}
		return fmt.Sprintf(`{"event":"update","payload":{"id":"1","uri":"https://a.example/1","visibility":"public","content":%q,"spoiler_text":%q,`+
			`"mentions":[%s],"emojis":[%s],"account":{"id":"1","acct":"m","uri":"https://a.example/m"}}}`,
			content.String(), codes.String(), strings.TrimSuffix(mentions.String(), ","), strings.TrimSuffix(emoji.String(), ","))
	},
	"x": func(n int) string {
		text, urls, mentions := entities(n, "start", "end", "username", true)
		return fmt.Sprintf(`{"data":{"id":"1995000000000000002","text":%q,"author_id":"1","entities":{"urls":[%s],"mentions":[%s]}},`+
			`"includes":{"users":[{"id":"1","name":"M","username":"m"}]}}`, text, urls, mentions)
	},
	"twitter": func(n int) string {
		text, urls, mentions := entities(n, "", "", "screen_name", false)
		return fmt.Sprintf(`{"created_at":"Mon Nov 23 10:00:00 +0000 2026","id_str":"1","text":%q,"user":{"id_str":"1","name":"M","screen_name":"m"},`+
			`"entities":{"urls":[%s],"user_mentions":[%s]}}`, text, urls, mentions)
	},
	"bluesky": func(n int) string {
		var text, facets strings.Builder
		for i := range n {
			start := text.Len()
			fmt.Fprintf(&text, "https://a.example/%d", i)
			fmt.Fprintf(&facets, `{"index":{"byteStart":%d,"byteEnd":%d},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://a.example/%d"}]},`, start, text.Len(), i)
			text.WriteByte(' ')
		}
		return fmt.Sprintf(`{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","time_us":1795428000000000,"kind":"commit","commit":{"operation":"create",`+
			`"collection":"app.bsky.feed.post","rkey":"3l","record":{"$type":"app.bsky.feed.post","text":%q,"createdAt":"2026-11-23T10:00:00Z","facets":[%s]}}}`,
			text.String(), strings.TrimSuffix(facets.String(), ","))
	},
}

// entities returns a text with n links and n mentions, and their lists. The offsets of every
// tenth entity are wrong, so that it has to be searched for.
func entities(n int, start, end, name string, named bool) (text, urls, mentions string) {
	var t, u, m strings.Builder
	at := func(from int) string {
		if from%10 == 0 {
			from++
		}
		if named {
			return fmt.Sprintf(`"%s":%d,"%s":%d`, start, from, end, t.Len())
		}
		return fmt.Sprintf(`"indices":[%d,%d]`, from, t.Len())
	}
	for i := range n {
		from := t.Len()
		fmt.Fprintf(&t, "https://t.co/%d", i)
		fmt.Fprintf(&u, `{%s,"url":"https://t.co/%d","display_url":"a.example/%d","expanded_url":"https://a.example/%d"},`, at(from), i, i, i)
		t.WriteByte(' ')
		from = t.Len()
		fmt.Fprintf(&t, "@u%d", i)
		fmt.Fprintf(&m, `{%s,"%s":"u%d","id_str":"%d"},`, at(from), name, i, i)
		t.WriteByte(' ')
	}
	return t.String(), strings.TrimSuffix(u.String(), ","), strings.TrimSuffix(m.String(), ",")
}

// Four times as many parts must take about four times as long, not sixteen times. The measure is
// the processor time of the quickest of several runs.
func TestCard_TheTimeForAPostIsLinearInTheNumberOfItsParts(t *testing.T) {
	if testing.Short() {
		t.Skip("measures the time of large posts")
	}
	const parts, times = 2000, 4
	for network, message := range crowded {
		few, many := timeOf(t, network, message(parts)), timeOf(t, network, message(parts*times))
		if ratio := float64(many) / float64(max(few, time.Millisecond)); ratio > 2*times {
			t.Errorf("%s: %d times as many parts take %.1f times as long: %v and %v", network, times, ratio, few, many)
		}
	}
}

func timeOf(t *testing.T, network, message string) time.Duration {
	t.Helper()
	best := time.Duration(math.MaxInt64)
	for range 4 {
		began := processorTime(t)
		post := decoded(t, network, message)
		post.Preview = &stream.LinkPreview{URL: "https://other.example/", Title: "T"}
		toPost(post, networks.All)
		best = min(best, processorTime(t)-began)
	}
	return best
}

func decoded(t *testing.T, network, message string) *stream.Post {
	t.Helper()
	fields, err := stream.ParseFields([]byte(message))
	if err != nil {
		t.Fatal(network, err)
	}
	m := stream.Message{Line: []byte(message), Fields: fields}
	for _, d := range networks.Decoders("") {
		if !d.Owns(m) {
			continue
		}
		op, err := d.Decode(m)
		if err != nil || op.Post == nil || op.Post.Source != network {
			t.Fatalf("%s: %+v, %v", network, op, err)
		}
		return op.Post
	}
	t.Fatalf("%s: no decoder", network)
	return nil
}

// processorTime is the time that the processors have spent on this process.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
