package twitter

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

// mustPost decodes a line that is a post.
func mustPost(t *testing.T, line string) *stream.Post {
	t.Helper()
	m, err := decode([]byte(line), "")
	if err != nil || m.op.Post == nil {
		t.Fatalf("got %+v and %v, want a post of %s", m, err, line)
	}
	return m.op.Post
}

const richPost = `{"created_at":"Sat Nov 21 10:00:00 +0000 2026","timestamp_ms":"1795255200123","id":2001,"id_str":"2001",
"text":"@ana Boats 🚤 &amp; more… https://t.co/cut","truncated":true,"lang":"iw","possibly_sensitive":true,
"entities":{"hashtags":[{"text":"wrong","indices":[0,4]}]},
"in_reply_to_screen_name":"ana","in_reply_to_status_id_str":"1999",
"user":{"id":7,"id_str":"7","screen_name":"mio_h","name":"Mio <川>","profile_image_url_https":"https://pbs.example/a_normal.b/mio_normal.jpg"},
"extended_tweet":{"full_text":"@ana Boats 🚤 &amp; more 👩‍🚀 by @bo:\n#川下り $RIVR &lt;3 https://t.co/one https://t.co/quo https://t.co/pic",
"display_text_range":[5,86],
"entities":{"hashtags":[{"text":"川下り","indices":[36,40]}],"symbols":[{"text":"RIVR","indices":[41,46]}],
"user_mentions":[{"screen_name":"ana","id":null,"indices":[0,4]},{"screen_name":"Bo","id":9,"indices":[31,34]}],
"urls":[{"url":"https://t.co/one","display_url":"boats.example/\ntimes?a=1&b…","expanded_url":"https://boats.example/times?a=1&b=2","indices":[53,69]},
{"url":"https://t.co/quo","display_url":"x.com/…","expanded_url":"https://twitter.com/ren/status/1500?s=20","indices":[70,86]}],
"media":[{"url":"https://t.co/pic","indices":[87,103],"type":"photo","media_url_https":"https://pbs.example/1.jpg"}]},
"extended_entities":{"media":[
{"url":"https://t.co/pic","indices":[87,103],"type":"photo","media_url_https":"https://pbs.example/1.jpg","ext_alt_text":"A <blue> boat","sizes":{"large":{"w":1200,"h":800}}},
{"url":"https://t.co/pic","indices":[87,103],"type":"video","media_url_https":"https://pbs.example/2.jpg","original_info":{"width":1280,"height":720},
"video_info":{"variants":[{"content_type":"application/x-mpegURL","url":"https://video.example/2.m3u8"},{"bitrate":832000,"content_type":"video/mp4","url":"https://video.example/low.mp4"},
{"bitrate":2176000,"content_type":"video/mp4","url":"https://video.example/high.mp4"},{"bitrate":9999999,"content_type":"video/mp4","url":"javascript:alert(1)"}]}},
{"url":"https://t.co/pic","indices":[87,103],"type":"animated_gif","media_url_https":"https://pbs.example/3.jpg","video_info":{"variants":[{"bitrate":0,"content_type":"video/mp4","url":"https://video.example/3.mp4"}]}},
{"url":"https://t.co/pic","indices":[87,103],"type":"hologram"}]}},
"quoted_status_id_str":"1500",
"quoted_status":{"created_at":"Fri Nov 20 10:00:00 +0000 2026","id_str":"1500","full_text":"Quoted https://t.co/deep","lang":"und",
"entities":{"urls":[{"url":"https://t.co/deep","display_url":"x.com/deep","expanded_url":"https://twitter.com/x/status/1400","indices":[7,24]}]},
"quoted_status_id_str":"1400","user":{"id_str":"8","screen_name":"ren","name":"Ren"}}}`

func TestTwitter_ConvertsAPostWithAllItsParts(t *testing.T) {
	got := mustPost(t, richPost)
	want := &stream.Post{
		ID: "twitter:2001", Source: "twitter", URL: "https://x.com/mio_h/status/2001",
		CreatedAt: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), Lang: "he", Sensitive: true, Unsupported: true,
		Author: stream.Author{Key: "twitter:7", Handle: "mio_h", Name: "Mio <川>", URL: "https://x.com/mio_h",
			Avatar: "https://pbs.example/a_normal.b/mio_bigger.jpg"},
		Text: []stream.Segment{
			{Text: "Boats 🚤 & more 👩‍🚀 by "}, {Kind: stream.Mention, Text: "@bo", Href: "https://x.com/Bo"}, {Text: ":"}, {Kind: stream.Break, Text: "\n"},
			{Kind: stream.Hashtag, Text: "#川下り", Href: "https://x.com/hashtag/%E5%B7%9D%E4%B8%8B%E3%82%8A"}, {Text: " "},
			{Kind: stream.Hashtag, Text: "$RIVR", Href: "https://x.com/search?q=%24RIVR"}, {Text: " <3 "},
			{Kind: stream.Link, Text: "boats.example/ times?a=1&b…", Href: "https://t.co/one", Title: "https://boats.example/times?a=1&b=2"},
		},
		Media: []stream.Media{
			{Kind: "image", Preview: "https://pbs.example/1.jpg", URL: "https://pbs.example/1.jpg", Alt: "A <blue> boat", Width: 1200, Height: 800},
			{Kind: "video", Preview: "https://pbs.example/2.jpg", URL: "https://video.example/high.mp4", Width: 1280, Height: 720},
			{Kind: "gif", Preview: "https://pbs.example/3.jpg", URL: "https://video.example/3.mp4"},
		},
		ReplyTo: &stream.Reply{Handle: "ana", URL: "https://x.com/ana/status/1999"},
		Quote: &stream.Quote{ID: "twitter:1500", URL: "https://x.com/ren/status/1500", Post: &stream.Post{
			ID: "twitter:1500", Source: "twitter", URL: "https://x.com/ren/status/1500",
			CreatedAt: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
			Author:    stream.Author{Key: "twitter:8", Handle: "ren", Name: "Ren", URL: "https://x.com/ren"},
			Text: []stream.Segment{{Text: "Quoted "},
				{Kind: stream.Link, Text: "x.com/deep", Href: "https://t.co/deep", Title: "https://twitter.com/x/status/1400"}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestTwitter_ShowsTheInnerPostOfARepost(t *testing.T) {
	outer := strings.Replace(postJSON("3001", "RT @mio_h: Boats…"), `"screen_name":"mio_h"`, `"screen_name":"bo"`, 1)
	outer = strings.Replace(outer, `"lang":"en"`, `"retweeted_status":`+richPost, 1)
	m, err := decode([]byte(outer), "")
	if err != nil {
		t.Fatal(err)
	}
	if m.op.Kind != stream.Create || m.op.ID != "twitter:3001" || !m.op.At.Equal(time.UnixMilli(1795255200123)) {
		t.Errorf("got %s %s at %v, want create twitter:3001 at its time", m.op.Kind, m.op.ID, m.op.At)
	}
	want := mustPost(t, richPost)
	want.RepostedBy = &stream.Author{Key: "twitter:7", Handle: "bo", Name: "Mio", URL: "https://x.com/bo", Avatar: "https://pbs.example/mio_bigger.jpg"}
	if diff := cmp.Diff(want, m.op.Post); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestTwitter_KeepsTheLinkToAQuotedPostThatIsNotShown(t *testing.T) {
	const link = `"entities":{"urls":[{"url":"https://t.co/quo","display_url":"x.com/quo","expanded_url":"https://twitter.com/ren/status/1500","indices":[4,20]}]},`
	alone := `{"id_str":"1","text":"See https://t.co/quo",` + link + `"quoted_status_id":1500,"quoted_status_id_str":"1500","user":{"id_str":"7","screen_name":"mio_h"}}`
	post := mustPost(t, alone)
	if want := (stream.Quote{ID: "twitter:1500", URL: "https://x.com/i/status/1500"}); *post.Quote != want || stream.PlainText(post.Text) != "See x.com/quo" {
		t.Errorf("got %+v under %q, want %+v", *post.Quote, stream.PlainText(post.Text), want)
	}
	shown := strings.Replace(alone, `"text"`, `"quoted_status":{"id_str":"1500","text":"Quoted","user":{"id_str":"8","screen_name":"ren"}},"text"`, 1)
	if post := mustPost(t, shown); stream.PlainText(post.Text) != "See" || post.Quote.Post == nil {
		t.Errorf("got %q with the quote %+v, want no link beside it", stream.PlainText(post.Text), post.Quote)
	}
	middle := strings.Replace(shown, `https://t.co/quo"`, `https://t.co/quo is good"`, 1)
	if post := mustPost(t, middle); stream.PlainText(post.Text) != "See x.com/quo is good" {
		t.Errorf("got %q, want the link in the middle of the text", stream.PlainText(post.Text))
	}
}

func TestTwitter_FindsEntitiesInTheTextIfTheirOffsetsAreWrong(t *testing.T) {
	post := mustPost(t, `{"id_str":"1","text":"🚲🚲 A word #go by @mio https://t.co/a","entities":{
"hashtags":[{"text":"go","indices":[12,15]},{"text":"gone","indices":[2,7]}],"user_mentions":[{"screen_name":"Mio","indices":[19,23]}],
"urls":[{"url":"https://t.co/a","display_url":"a.example","indices":[24,38]}],
"media":[{"url":"https://t.co/pic","indices":[5,9],"type":"photo","media_url_https":"https://pbs.example/1.jpg"}]},"user":{"id_str":"7","screen_name":"mio_h"}}`)
	want := []stream.Segment{{Text: "🚲🚲 A word "}, {Kind: stream.Hashtag, Text: "#go", Href: "https://x.com/hashtag/go"}, {Text: " by "},
		{Kind: stream.Mention, Text: "@mio", Href: "https://x.com/Mio"}, {Text: " "}, {Kind: stream.Link, Text: "a.example", Href: "https://t.co/a"}}
	if diff := cmp.Diff(want, post.Text); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestTwitter_MarksAReplyToAnUnknownAuthorAsAReply(t *testing.T) {
	post := mustPost(t, `{"id_str":"1","text":"I agree","in_reply_to_status_id_str":"1999","in_reply_to_user_id":8,"user":{"id_str":"7","screen_name":"mio_h"}}`)
	if want := (stream.Reply{Key: "twitter:8", URL: "https://x.com/i/status/1999"}); post.ReplyTo == nil || *post.ReplyTo != want {
		t.Errorf("got %+v, want %+v", post.ReplyTo, want)
	}
}

func TestTwitter_LinksOnlyToSafeAddresses(t *testing.T) {
	line := `{"id_str":"1","text":"bad cred @../../evil?x=\" #a/../b?c#d","entities":{
"urls":[{"url":"javascript:alert(1)","display_url":"bad","indices":[0,3]},{"url":"https://u:p@evil.example/","display_url":"cred","indices":[4,8]}],
"user_mentions":[{"screen_name":"../../evil?x=\"","indices":[9,24]}],"hashtags":[{"text":"a/../b?c#d","indices":[25,36]},{"text":"b","indices":[90,99]}]},
"user":{"id_str":"7","screen_name":"mio/../h","profile_image_url_https":"javascript:alert(1)"}}`
	post := mustPost(t, line)
	want := []stream.Segment{{Text: "bad cred "}, {Kind: stream.Mention, Text: `@../../evil?x="`, Href: "https://x.com/..%2F..%2Fevil%3Fx=%22"}, {Text: " "},
		{Kind: stream.Hashtag, Text: "#a/../b?c#d", Href: "https://x.com/hashtag/a%2F..%2Fb%3Fc%23d"}}
	if diff := cmp.Diff(want, post.Text); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	if a := post.Author; a.Avatar != "" || a.URL != "https://x.com/mio%2F..%2Fh" {
		t.Errorf("got %+v", a)
	}
}

func TestTwitter_ReadsAPoll(t *testing.T) {
	post := mustPost(t, `{"id_str":"1","text":"Which?","entities":{"polls":[{"options":[{"position":1,"text":"Boat"},{"position":2,"text":"Bridge"}],
"duration_minutes":1440,"end_datetime":"Sun Nov 22 10:00:00 +0000 2026"}]},"user":{"id_str":"7","screen_name":"mio_h"}}`)
	want := &stream.Poll{EndsAt: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Options: []stream.PollOption{{Title: "Boat"}, {Title: "Bridge"}}}
	if diff := cmp.Diff(want, post.Poll); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestTwitter_ReadsIDsThatNoFloatCanHold(t *testing.T) {
	for line, want := range map[string]string{
		`{"delete":{"status":{"id":9007199254740993}}}`:                                         "twitter:9007199254740993",
		`{"delete":{"status":{"id":9007199254740992,"id_str":"9007199254740993"}}}`:             "twitter:9007199254740993",
		`{"delete":{"status":{"id":"18446744073709551615"}}}`:                                   "twitter:18446744073709551615",
		`{"id":9007199254740993,"text":"x","user":{"id":9007199254740995,"screen_name":"mio"}}`: "twitter:9007199254740993",
	} {
		m, err := decode([]byte(line), "")
		if err != nil || m.op.ID != want {
			t.Errorf("%s: got %q and %v, want %q", line, m.op.ID, err, want)
		}
		if m.op.Post != nil && m.op.Post.Author.Key != "twitter:9007199254740995" {
			t.Errorf("the author is %q", m.op.Post.Author.Key)
		}
	}
}

func TestTwitter_DatesNoPostAfterItsArrival(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for created, want := range map[string]time.Time{
		"Sat Nov 21 10:00:00 +0000 2026": time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
		"Sat Nov 21 10:00:00 +0000 2099": now,
		"Someday":                        now,
	} {
		line := fmt.Sprintf(`{"id":5,"created_at":%q,"text":"x","user":{"id":7,"screen_name":"mio"}}`, created)
		m, err := decode([]byte(line), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := receivedAt(m.op, now); !got.At.Equal(now) || !got.Post.CreatedAt.Equal(want) {
			t.Errorf("%s: got %v at %v, want %v at %v", created, got.Post.CreatedAt, got.At, want, now)
		}
	}
}

// FuzzDecode verifies that no input makes the decoder panic, and that every op it returns can
// be shown and recorded.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{richPost, postJSON("1", "one"), `{"delete":{"status":{"id":1}}}`, `{"limit":{"track":7}}`,
		`{"user_withheld":{"id":8,"withheld_in_countries":["DE"]}}`, `{"disconnect":{"code":6}}`, `{"direct_message":{}}`, `{`, `null`,
		`{"id":1,"full_text":"👩‍🚀&amp;","display_text_range":[1,3],"entities":{"hashtags":[{"indices":[0,2]},{"indices":[1,99]}]},"user":{"id":7,"screen_name":"a"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		m, err := decode(line, "DE")
		if err != nil || m.op.Kind == "" {
			return
		}
		if m.op.ID == "" && (m.op.Author == nil || m.op.Author.Key == "") {
			t.Errorf("an op without an id: %+v", m.op)
		}
		if post := m.op.Post; post != nil {
			for _, s := range post.Text {
				if s.Text == "" || !utf8.ValidString(s.Text) || s.Href != "" && !strings.HasPrefix(s.Href, "http") {
					t.Errorf("a segment that can't be shown: %+v", s)
				}
			}
		}
		if _, err := json.Marshal(receivedAt(m.op, time.Now())); err != nil {
			t.Errorf("can't be recorded: %v", err)
		}
	})
}

func BenchmarkTwitter_DecodeAndNormalise(b *testing.B) {
	lines := [][]byte{[]byte(richPost)}
	if os.Getenv("NAGARE_FIXTURES") != "" {
		lines = slices.Concat(lines, fixtureLines(b, "stream_capture.ndjson"))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := decode(lines[i%len(lines)], ""); err != nil {
			b.Fatal(err)
		}
	}
}
