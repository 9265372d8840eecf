package x

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// opIn returns the op of a message that has a post. The country of the audience is unknown.
func opIn(t testing.TB, line string) stream.Op { return opInCountry(t, "", line) }

func opInCountry(t testing.TB, country, line string) stream.Op {
	t.Helper()
	m, badField, err := decode([]byte(line))
	if err != nil || badField != "" || !m.Data.valid() {
		t.Fatalf("no post in %s: odd %q, %v", line, badField, err)
	}
	return newView(m, now, country).op(m.Data)
}

const mioJSON = `{"id":"7","name":"Mio","username":"mio","profile_image_url":"https://pbs.example/mio_normal.jpg"}`

var mio = stream.Author{Key: "x:7", Handle: "mio", Name: "Mio", Avatar: "https://pbs.example/mio_bigger.jpg", URL: "https://x.com/mio"}

func TestX_ShowsAPostWithAllItsParts(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1700000000000000001","author_id":"7","created_at":"2026-11-23T11:59:00.000Z","lang":"in",
		"text":"@taro 🚢 A &amp; B https://t.co/pic https://t.co/quoted","display_text_range":[6,20],"possibly_sensitive":true,
		"in_reply_to_user_id":"8","edit_history_tweet_ids":["1700000000000000001"],
		"referenced_tweets":[{"type":"replied_to","id":"1600000000000000001"},{"type":"quoted","id":"1600000000000000002"}],
		"attachments":{"media_keys":["3_1","7_1"],"poll_ids":["5"]},
		"entities":{"mentions":[{"start":0,"end":5,"username":"taro","id":"8"}],
			"annotations":[{"start":8,"end":8,"normalized_text":"A"}],
			"urls":[{"start":18,"end":34,"url":"https://t.co/pic","display_url":"pic.x.com/pic","media_key":"3_1"},
				{"start":35,"end":54,"url":"https://t.co/quoted","expanded_url":"https://x.com/aoi/status/1600000000000000002","display_url":"x.com/aoi/…"}]}},
		"includes":{"users":[`+mioJSON+`,{"id":"8","username":"taro"},{"id":"9","name":"Aoi","username":"aoi"}],
			"media":[{"media_key":"7_1","type":"video","preview_image_url":"https://pbs.example/v.jpg","width":640,"height":360,"alt_text":"A ferry",
				"variants":[{"content_type":"application/x-mpegURL","url":"https://video.example/v.m3u8"},
					{"bit_rate":256000,"content_type":"video/mp4","url":"https://video.example/small.mp4"},
					{"bit_rate":832000,"content_type":"video/mp4","url":"https://video.example/big.mp4"}]},
				{"media_key":"3_1","type":"photo","url":"https://pbs.example/p.jpg","width":4,"height":3}],
			"polls":[{"id":"5","voting_status":"closed","end_datetime":"2026-11-23T10:00:00.000Z",
				"options":[{"position":2,"label":"No","votes":2},{"position":1,"label":"Yes","votes":1}]}],
			"tweets":[{"id":"1600000000000000002","author_id":"9","text":"&lt;3","created_at":"2026-11-22T00:00:00Z",
				"referenced_tweets":[{"type":"quoted","id":"1500000000000000001"}]}]},
		"matching_rules":[{"id":"1","tag":"nagare"}]}`)
	one, two := 1, 2
	want := stream.Op{Kind: stream.Create, At: now, ID: "x:1700000000000000001", Post: &stream.Post{
		ID: "x:1700000000000000001", Source: "x", URL: "https://x.com/mio/status/1700000000000000001",
		CreatedAt: now.Add(-time.Minute), Lang: "id", Author: mio, Sensitive: true,
		Text: []stream.Segment{{Text: "🚢 A & B"}},
		Media: []stream.Media{
			{Kind: "image", Preview: "https://pbs.example/p.jpg", URL: "https://pbs.example/p.jpg", Width: 4, Height: 3},
			{Kind: "video", Preview: "https://pbs.example/v.jpg", URL: "https://video.example/big.mp4", Alt: "A ferry", Width: 640, Height: 360},
		},
		Poll:    &stream.Poll{Options: []stream.PollOption{{Title: "Yes", Votes: &one}, {Title: "No", Votes: &two}}, EndsAt: now.Add(-2 * time.Hour), Closed: true},
		ReplyTo: &stream.Reply{Key: "x:8", Handle: "taro", URL: "https://x.com/taro/status/1600000000000000001"},
		Quote: &stream.Quote{ID: "x:1600000000000000002", URL: "https://x.com/aoi/status/1600000000000000002", Post: &stream.Post{
			ID: "x:1600000000000000002", Source: "x", URL: "https://x.com/aoi/status/1600000000000000002",
			CreatedAt: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Text: []stream.Segment{{Text: "<3"}},
			Author: stream.Author{Key: "x:9", Handle: "aoi", Name: "Aoi", URL: "https://x.com/aoi"},
		}},
	}}
	if diff := cmp.Diff(want, op); diff != "" {
		t.Error(diff)
	}
}

func TestX_DividesATextAtLinksMentionsAndTags(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1","author_id":"7","text":"👩‍🚀 @mio #日本 $ABC &gt; https://t.co/a https://t.co/b",
		"entities":{"mentions":[{"start":4,"end":8,"username":"mio"}],"hashtags":[{"start":9,"end":12,"tag":"日本"}],
			"cashtags":[{"start":13,"end":17,"tag":"ABC"}],
			"urls":[{"start":23,"end":37,"url":"https://t.co/a","expanded_url":"https://a.example/long","display_url":"a.example/lo…","unwound_url":"https://a.example/longest",
					"title":"A page","description":"About A","images":[{"url":"https://pbs.example/a.jpg"}]},
				{"start":38,"end":52,"url":"javascript:alert(1)","display_url":"b.example"}]}}}`)
	want := []stream.Segment{
		{Text: "👩‍🚀 "}, {Kind: stream.Mention, Text: "@mio", Href: "https://x.com/mio"}, {Text: " "},
		{Kind: stream.Hashtag, Text: "#日本", Href: "https://x.com/hashtag/%E6%97%A5%E6%9C%AC"}, {Text: " "},
		{Kind: stream.Hashtag, Text: "$ABC", Href: "https://x.com/search?q=%24ABC"}, {Text: " > "},
		{Kind: stream.Link, Text: "a.example/lo…", Href: "https://t.co/a", Title: "https://a.example/longest"}, {Text: " https://t.co/b"},
	}
	if diff := cmp.Diff(want, op.Post.Text); diff != "" {
		t.Error(diff)
	}
	card := &stream.LinkPreview{URL: "https://t.co/a", Title: "A page", Description: "About A", Image: "https://pbs.example/a.jpg"}
	if diff := cmp.Diff(card, op.Post.Preview); diff != "" {
		t.Error(diff)
	}
}

func TestX_FindsEntitiesInTheTextIfTheirOffsetsAreWrong(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1","author_id":"7","text":"A &amp; B #go by @mio https://t.co/pic","attachments":{"media_keys":["3_1"]},
		"entities":{"hashtags":[{"start":6,"end":9,"tag":"go"},{"start":0,"end":1,"tag":"gone"}],"mentions":[{"start":13,"end":17,"username":"Mio"}],
			"urls":[{"start":18,"end":34,"url":"https://t.co/pic","media_key":"3_1"}]}},
		"includes":{"media":[{"media_key":"3_1","type":"photo","url":"https://pbs.example/1.jpg"}]}}`)
	want := []stream.Segment{{Text: "A & B "}, {Kind: stream.Hashtag, Text: "#go", Href: "https://x.com/hashtag/go"}, {Text: " by "},
		{Kind: stream.Mention, Text: "@mio", Href: "https://x.com/Mio"}}
	if diff := cmp.Diff(want, op.Post.Text); diff != "" {
		t.Error(diff)
	}
}

func TestX_KeepsALinkInsideOfASentence(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1","author_id":"7","text":"As https://t.co/q says, https://t.co/q \n https://t.co/pic","referenced_tweets":[{"type":"quoted","id":"3"}],
		"attachments":{"media_keys":["3_1"]},"entities":{"urls":[
			{"start":3,"end":17,"url":"https://t.co/q","display_url":"x.com/a","expanded_url":"https://twitter.com/a/status/3?s=20"},
			{"start":24,"end":38,"url":"https://t.co/q","display_url":"x.com/a","expanded_url":"https://twitter.com/a/status/3?s=20"},
			{"start":41,"end":57,"url":"https://t.co/pic","display_url":"pic.x.com/pic"}]}},
		"includes":{"media":[{"media_key":"3_1","type":"photo","url":"https://pbs.example/p.jpg"}],"tweets":[{"id":"3","author_id":"8","text":"So it is"}]}}`)
	if got := stream.PlainText(op.Post.Text); got != "As x.com/a says," {
		t.Errorf("got %q", got)
	}
}

func TestX_RemovesTheLinkToSeveralPicturesFromTheText(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1","author_id":"7","text":"Two https://t.co/pic","attachments":{"media_keys":["3_1","3_2"]},
		"entities":{"urls":[{"start":4,"end":20,"url":"https://t.co/pic","media_key":"3_1"},{"start":4,"end":20,"url":"https://t.co/pic","media_key":"3_2"}]}},
		"includes":{"media":[{"media_key":"3_2","type":"photo","url":"https://pbs.example/2.jpg"},{"media_key":"3_1","type":"photo","url":"https://pbs.example/1.jpg"}]}}`)
	if got := stream.PlainText(op.Post.Text); got != "Two" || len(op.Post.Media) != 2 || op.Post.Media[0].URL != "https://pbs.example/1.jpg" {
		t.Errorf("got %q with %+v", got, op.Post.Media)
	}
}

func TestX_ShowsAPostWithMissingParts(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1","author_id":"7","text":"Look https://t.co/pic https://t.co/q","in_reply_to_user_id":"8",
		"referenced_tweets":[{"type":"replied_to","id":"2"},{"type":"quoted","id":"3"}],
		"attachments":{"media_keys":["3_1"],"poll_ids":["5"]},
		"entities":{"urls":[{"start":5,"end":21,"url":"https://t.co/pic","display_url":"pic.x.com/pic","media_key":"3_1"}]}},
		"errors":[{"resource_type":"tweet","value":"3","title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}]}`)
	want := &stream.Post{
		ID: "x:1", Source: "x", URL: "https://x.com/i/status/1", CreatedAt: now, Unsupported: true,
		Author: stream.Author{Key: "x:7", URL: "https://x.com/i/user/7"},
		Text:   []stream.Segment{{Text: "Look "}, {Kind: stream.Link, Text: "pic.x.com/pic", Href: "https://t.co/pic"}, {Text: " https://t.co/q"}},
		Quote:  &stream.Quote{ID: "x:3"}, ReplyTo: &stream.Reply{Key: "x:8", URL: "https://x.com/i/status/2"},
	}
	if diff := cmp.Diff(want, op.Post); diff != "" {
		t.Error(diff)
	}
}

func TestX_ShowsTheInnerPostOfARepost(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1700000000000000009","author_id":"8","text":"RT @mio: All of i…","referenced_tweets":[{"type":"retweeted","id":"1700000000000000001"}]},
		"includes":{"users":[`+mioJSON+`,{"id":"8","username":"taro"}],"tweets":[{"id":"1700000000000000001","author_id":"7","text":"All of it"}]}}`)
	if op.Kind != stream.Create || op.ID != "x:1700000000000000009" || op.Post.ID != "x:1700000000000000001" {
		t.Errorf("got %s %s of %s", op.Kind, op.ID, op.Post.ID)
	}
	if stream.PlainText(op.Post.Text) != "All of it" || op.Post.Author.Handle != "mio" || op.Post.RepostedBy.Handle != "taro" {
		t.Errorf("got %+v by %+v", op.Post, op.Post.RepostedBy)
	}
}

func TestX_ARepostOfADeletedPostRemovesIt(t *testing.T) {
	op := opIn(t, `{"data":{"id":"9","author_id":"8","text":"RT @mio: All of i…","referenced_tweets":[{"type":"retweeted","id":"1"}]},
		"errors":[{"resource_id":"1","type":"https://api.x.com/2/problems/not-authorized-for-resource"}]}`)
	if op.Kind != stream.Destroy || op.ID != "x:1" {
		t.Errorf("got %+v", op)
	}
}

func TestX_AnEditNamesAllEarlierVersionsOfThePost(t *testing.T) {
	op := opIn(t, `{"data":{"id":"1576994789110992896","author_id":"7","text":"Second","created_at":"2022-10-03T17:57:11.000Z",
		"edit_history_tweet_ids":["1576994746135764992","1576994789110992896"]}}`)
	if op.Kind != stream.Update || op.ID != "x:1576994789110992896" || !slices.Equal(op.Earlier, []string{"x:1576994746135764992"}) {
		t.Errorf("got %+v", op)
	}
	if got := op.Post.EditedAt.Sub(op.Post.CreatedAt).Round(time.Second); got != 10*time.Second {
		t.Errorf("edited %v after it was written, want 10 s, by the ids", got)
	}
}

func TestX_RepostsAndEditsAreOneCard(t *testing.T) {
	var got []string
	reconciler := reconcile.New(func(op stream.Op) error { got = append(got, string(op.Kind)+" "+op.ID); return nil }, nil)
	first := `{"data":{"id":"11","author_id":"7","text":"First","edit_history_tweet_ids":["11"]}}`
	second := `{"data":{"id":"12","author_id":"7","text":"Second","edit_history_tweet_ids":["11","12"]}}`
	for _, line := range []string{first, first, second, first, second} {
		if err := reconciler.Emit(opIn(t, line)); err != nil {
			t.Fatal(err)
		}
	}
	reconciler.Emit(stream.Op{Kind: stream.Destroy, ID: "x:11"})
	if want := []string{"create x:11", "update x:11", "destroy x:11"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestX_ReplacesATimeInTheFuture(t *testing.T) {
	for created, want := range map[string]time.Time{
		`"2099-01-01T00:00:00.000Z"`: now,
		`"2020-01-01T00:00:00.000Z"`: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		`"yesterday"`:                time.Date(2022, 10, 3, 17, 57, 1, 281e6, time.UTC), // the time in the id
	} {
		op := opIn(t, `{"data":{"id":"1576994746135764992","text":"a","created_at":`+created+`}}`)
		if !op.Post.CreatedAt.Equal(want) {
			t.Errorf("%s: got %v, want %v", created, op.Post.CreatedAt, want)
		}
	}
}

func TestX_MarksAReplyToAnUnknownAuthorAsAReply(t *testing.T) {
	op := opIn(t, `{"data":{"id":"5","text":"@taro I agree","author_id":"7","in_reply_to_user_id":"99","display_text_range":[6,13],
		"entities":{"mentions":[{"start":0,"end":5,"username":"taro","id":"8"}]},"referenced_tweets":[{"type":"replied_to","id":"4"}]}}`)
	if want := (stream.Reply{Key: "x:99", URL: "https://x.com/i/status/4"}); op.Post.ReplyTo == nil || *op.Post.ReplyTo != want {
		t.Errorf("got %+v, want %+v", op.Post.ReplyTo, want)
	}
	if got := stream.PlainText(op.Post.Text); got != "@taro I agree" {
		t.Errorf("got %q, want the mentions: no line above the text has the name", got)
	}
	if stream.NewFilter(stream.Wanted{NoReplies: true}).Keeps(op.Post) {
		t.Error("a filter without replies keeps it")
	}
}

func TestX_AnArticleHasAPreviewWithItsTitle(t *testing.T) {
	op := opIn(t, `{"data":{"id":"5","text":"https://t.co/art","author_id":"7","article":{"title":"My long read"},
		"entities":{"urls":[{"start":0,"end":16,"url":"https://t.co/art","expanded_url":"https://x.com/i/article/1995","display_url":"x.com/i/article/1995"}]}}}`)
	if diff := cmp.Diff(&stream.LinkPreview{URL: "https://t.co/art", Title: "My long read"}, op.Post.Preview); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// example decodes a file that holds one post, an example of a rare kind.
func example(t *testing.T, name string) *stream.Post {
	t.Helper()
	dir := os.Getenv("NAGARE_INPUTS")
	if dir == "" {
		t.Skip("NAGARE_INPUTS doesn't name a directory of examples")
	}
	data, err := os.ReadFile(filepath.Join(dir, "x-"+name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return opIn(t, string(data)).Post
}

func TestX_ShowsTheExamplesOfRareKindsOfPosts(t *testing.T) {
	if post := example(t, "reply-to-somebody-not-included"); post.ReplyTo == nil || post.ReplyTo.URL == "" {
		t.Errorf("a reply to %+v", post.ReplyTo)
	}
	if post := example(t, "article"); post.Preview == nil || post.Preview.Title != "My long read" {
		t.Errorf("the article %+v", post.Preview)
	}
}
