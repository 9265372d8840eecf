package stream

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func FuzzDecodeBluesky(f *testing.F) {
	f.Add(bskyCommit("create", mio, "3k", march, bskyRecordOf("#a b\r\nc", `,"tags":["x"],"facets":[{"index":{"byteStart":0,"byteEnd":2},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"a"}]}]`)))
	f.Add(bskyCommit("update", mio, "3k", march, bskyRecordOf("", `,"embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://did:plc:a/app.bsky.feed.post/3"}},"media":{"$type":"app.bsky.embed.external","external":{"uri":"https://example.org","title":"t"}}}`)))
	f.Add(bskyCommit("create", mio, "3k", march, bskyRecordOf("v", `,"embed":{"$type":"app.bsky.embed.video","video":{"ref":{"$link":"bafkreia"}},"aspectRatio":{"width":4,"height":3}}`)))
	f.Add(bskyCommit("create", "did:web:a%2", "3k", march, bskyRecordOf("p", `,"embed":`+imagesOf)))
	f.Add(bskyCommit("create", mio, "3k", march, bskyRecordOf("a\r\nb", bskyFacets(bskyFacetAt(0, 4, tagFeature("x")), bskyFacetAt(1, 2, tagFeature("x"))))))
	f.Add(bskyCommit("delete", mio, "3k", march, ""))
	f.Add(bskyAccount(mio, march, false, "deleted"))
	f.Fuzz(func(t *testing.T, message string) {
		elsewhere := bskyElsewhere([]byte(message))
		e, err := decodeBluesky([]byte(message))
		if e == nil {
			if err == nil {
				t.Fatal("neither an event nor an error")
			}
			return
		}
		op, ok, _ := e.op(time.Now())
		if ok && op.Kind != Destroy && elsewhere && strings.Count(message, "collection") == 1 {
			t.Errorf("skipped, though it is a %s", op.Kind)
		}
		if !ok {
			return
		}
		if (op.Kind == Create || op.Kind == Update) != (op.Post != nil) {
			t.Fatalf("%s with %v", op.Kind, op.Post)
		}
		checkBlueskyPost(t, e, op.Post)
	})
}

func BenchmarkBluesky_DecodeAndNormalise(b *testing.B) {
	record := bskyRecordOf("Die Fähre ist heute schon wieder zu spät, aber das Licht über dem #Hafen ist schön. https://example.org/faehre", `,"facets":[{"index":{"byteStart":70,"byteEnd":76},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"Hafen"}]},{"index":{"byteStart":88,"byteEnd":114},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.org/faehre"}]}],"embed":{"$type":"app.bsky.embed.images","images":[{"alt":"A harbour at dusk","aspectRatio":{"width":1600,"height":1200},"image":{"$type":"blob","ref":{"$link":"bafkreia22222222222222222222222222222222222222222222222222"},"mimeType":"image/jpeg","size":474482}}]},"reply":{"root":{"cid":"bafyreia","uri":"at://`+ren+`/app.bsky.feed.post/3kaheyt6vpc22"},"parent":{"cid":"bafyreia","uri":"at://`+ren+`/app.bsky.feed.post/3kaheyt6vpc22"}}`)
	post := []byte(bskyCommit("create", mio, "3kaheyt6vpc22", march, record))
	like := bytes.ReplaceAll(post, []byte("app.bsky.feed.post"), []byte("app.bsky.feed.like"))
	run := func(b *testing.B, message []byte) {
		b.ReportAllocs()
		b.SetBytes(int64(len(message)))
		for b.Loop() {
			if bskyElsewhere(message) {
				continue
			}
			e, err := decodeBluesky(message)
			if err != nil {
				b.Fatal(err)
			}
			if _, ok, err := e.op(march); !ok || err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("post", func(b *testing.B) { run(b, post) })
	b.Run("like", func(b *testing.B) { run(b, like) })
}
