package bluesky

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

const (
	blobJSON  = `{"$type":"blob","ref":{"$link":"bafkreia"},"mimeType":"image/jpeg","size":7}`
	imagesOf  = `{"$type":"app.bsky.embed.images","images":[{"alt":"A harbour","aspectRatio":{"width":640,"height":480},"image":` + blobJSON + `}]}`
	quoteOf   = `{"$type":"app.bsky.embed.record","record":{"cid":"bafyreia","uri":"at://` + ren + `/app.bsky.feed.post/3q"}}`
	thumbnail = "https://cdn.bsky.app/img/feed_thumbnail/plain/" + mio + "/bafkreia@jpeg"
	fullsize  = "https://cdn.bsky.app/img/feed_fullsize/plain/" + mio + "/bafkreia@jpeg"
	still     = "https://video.bsky.app/watch/did%3Aplc%3Amio2222222222222222222222/bafkreia/thumbnail.jpg"
)

func embedded(t *testing.T, embed string) *stream.Post {
	t.Helper()
	return postOf(t, "x", `,"embed":`+embed)
}

func TestBluesky_ShowsAPostThatHasOnlyPictures(t *testing.T) {
	got := postOf(t, "", `,"embed":`+imagesOf)
	want := []stream.Media{{Kind: "image", Preview: thumbnail, URL: fullsize, Alt: "A harbour", Width: 640, Height: 480}}
	if d := cmp.Diff(want, got.Media); d != "" || len(got.Text) != 0 || got.Unsupported {
		t.Errorf("text %v, unsupported %v, media (-want +got):\n%s", got.Text, got.Unsupported, d)
	}
}

func TestBluesky_ConvertsEveryTypeOfAttachment(t *testing.T) {
	picture := stream.Media{Kind: "image", Preview: thumbnail, URL: fullsize, Alt: "A harbour", Width: 640, Height: 480}
	bare := stream.Media{Kind: "image", Preview: thumbnail, URL: fullsize}
	post := "https://bsky.app/profile/" + mio + "/post/3k"
	quote := &stream.Quote{ID: "bluesky:at://" + ren + "/app.bsky.feed.post/3q", URL: "https://bsky.app/profile/" + ren + "/post/3q"}
	for name, tt := range map[string]struct {
		embed string
		want  stream.Post
	}{
		"gallery": {`{"$type":"app.bsky.embed.gallery","items":[{"$type":"app.bsky.embed.gallery#image","image":` + blobJSON + `},{"$type":"app.bsky.embed.gallery#image","image":` + blobJSON + `}]}`,
			stream.Post{Media: []stream.Media{bare, bare}}},
		"picture of the first days": {`{"$type":"app.bsky.embed.images","images":[{"image":{"cid":"bafkreia","mimeType":"image/jpeg"}}]}`,
			stream.Post{Media: []stream.Media{bare}}},
		"video": {`{"$type":"app.bsky.embed.video","alt":"Waves","aspectRatio":{"width":852,"height":480},"video":` + blobJSON + `}`,
			stream.Post{Media: []stream.Media{{Kind: "video", Preview: still, URL: post, Alt: "Waves", Width: 852, Height: 480}}}},
		"loop": {`{"$type":"app.bsky.embed.video","presentation":"gif","video":` + blobJSON + `}`,
			stream.Post{Media: []stream.Media{{Kind: "gif", Preview: still, URL: post}}}},
		"card": {`{"$type":"app.bsky.embed.external","external":{"uri":"https://example.org/a","title":"Ferries","description":"When they go","thumb":` + blobJSON + `}}`,
			stream.Post{Preview: &stream.LinkPreview{URL: "https://example.org/a", Title: "Ferries", Description: "When they go", Image: thumbnail}}},
		"card without a title": {`{"$type":"app.bsky.embed.external","external":{"uri":"https://example.org/a"}}`,
			stream.Post{Preview: &stream.LinkPreview{URL: "https://example.org/a", Title: "https://example.org/a"}}},
		"quote": {quoteOf, stream.Post{Quote: quote}},
		"quote with pictures": {`{"$type":"app.bsky.embed.recordWithMedia","record":` + quoteOf + `,"media":` + imagesOf + `}`,
			stream.Post{Quote: quote, Media: []stream.Media{picture}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := embedded(t, tt.embed)
			if d := cmp.Diff(tt.want, stream.Post{Media: got.Media, Preview: got.Preview, Quote: got.Quote, Unsupported: got.Unsupported}); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestBluesky_AQuoteLinksToThePageOfTheQuotedRecord(t *testing.T) {
	for record, want := range map[string]string{
		ren + "/app.bsky.feed.generator/cats":       "https://bsky.app/profile/" + ren + "/feed/cats",
		ren + "/app.bsky.graph.list/3l":             "https://bsky.app/profile/" + ren + "/lists/3l",
		ren + "/app.bsky.graph.starterpack/3s":      "https://bsky.app/starter-pack/" + ren + "/3s",
		ren + "/app.bsky.labeler.service/self":      "https://bsky.app/profile/" + ren,
		"did:web:a%3A8/app.bsky.feed.post/3p":       "https://bsky.app/profile/did:web:a%253A8/post/3p",
		"did:web:a%2/app.bsky.graph.starterpack/3s": "https://bsky.app/starter-pack/did:web:a%252/3s",
		ren + "/com.example.thing/3t":               "",
		ren + "/app.bsky.feed.post/../x":            "",
		ren + "/app.bsky.feed.post":                 "",
		"ren.example/app.bsky.feed.post/3p":         "",
		"":                                          "",
	} {
		got := embedded(t, strings.Replace(quoteOf, ren+"/app.bsky.feed.post/3q", record, 1))
		if (got.Quote == nil) != (want == "") || got.Unsupported != (want == "") || got.Quote != nil && got.Quote.URL != want {
			t.Errorf("%s: got %+v, unsupported %v; want %q", record, got.Quote, got.Unsupported, want)
		}
	}
}

func TestBluesky_APostWithAnUnknownAttachmentIsMarkedAsIncomplete(t *testing.T) {
	for name, embed := range map[string]string{
		"of the future":     `{"$type":"com.example.embed.hologram","images":[{"image":` + blobJSON + `}]}`,
		"without a kind":    `{}`,
		"poem in a gallery": `{"$type":"app.bsky.embed.gallery","items":[{"$type":"app.bsky.embed.gallery#poem","image":` + blobJSON + `}]}`,
		"no file":           `{"$type":"app.bsky.embed.images","images":[{"image":{"ref":{"$link":"../../x"}}}]}`,
		"no video":          `{"$type":"app.bsky.embed.video"}`,
		"card to a script":  `{"$type":"app.bsky.embed.external","external":{"uri":"javascript:alert(1)","title":"Win"}}`,
		"doll in a doll":    `{"$type":"app.bsky.embed.recordWithMedia","media":{"$type":"app.bsky.embed.recordWithMedia","media":` + imagesOf + `}}`,
		"nothing beside it": `{"$type":"app.bsky.embed.recordWithMedia"}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := embedded(t, embed)
			if !got.Unsupported || stream.PlainText(got.Text) != "x" || got.Media != nil || got.Preview != nil || got.Quote != nil {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestBluesky_ShowsTheKnownPartOfAGallery(t *testing.T) {
	one := `{"image":` + blobJSON + `},`
	got := embedded(t, `{"$type":"app.bsky.embed.gallery","items":[`+one+`{"$type":"x#poem"},`+strings.Repeat(one, 40)+`{}]}`)
	if !got.Unsupported || len(got.Media) != mostPictures-1 {
		t.Errorf("got %d pictures, unsupported %v; want those known among the first %d", len(got.Media), got.Unsupported, mostPictures)
	}
}
