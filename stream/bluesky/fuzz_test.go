package bluesky

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

func FuzzDecode(f *testing.F) {
	f.Add(commitEvent("create", mio, "3k", march, recordOf("#a b\r\nc", `,"tags":["x"],"facets":[{"index":{"byteStart":0,"byteEnd":2},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"a"}]}]`)))
	f.Add(commitEvent("update", mio, "3k", march, recordOf("", `,"embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://did:plc:a/app.bsky.feed.post/3"}},"media":{"$type":"app.bsky.embed.external","external":{"uri":"https://example.org","title":"t"}}}`)))
	f.Add(commitEvent("create", mio, "3k", march, recordOf("v", `,"embed":{"$type":"app.bsky.embed.video","video":{"ref":{"$link":"bafkreia"}},"aspectRatio":{"width":4,"height":3}}`)))
	f.Add(commitEvent("create", "did:web:a%2", "3k", march, recordOf("p", `,"embed":`+imagesOf)))
	f.Add(commitEvent("create", mio, "3k", march, recordOf("a\r\nb", facets(facetAt(0, 4, tagFeature("x")), facetAt(1, 2, tagFeature("x"))))))
	f.Add(commitEvent("delete", mio, "3k", march, ""))
	f.Add(accountEvent(mio, march, false, "deleted"))
	f.Fuzz(func(t *testing.T, message string) {
		elsewhere := isOtherCollection([]byte(message))
		e, err := decode([]byte(message))
		if e == nil {
			if err == nil {
				t.Fatal("neither an event nor an error")
			}
			return
		}
		op, ok, _ := e.op(time.Now())
		if ok && op.Kind != stream.Destroy && elsewhere && strings.Count(message, "collection") == 1 {
			t.Errorf("skipped, though it is a %s", op.Kind)
		}
		if !ok {
			return
		}
		if (op.Kind == stream.Create || op.Kind == stream.Update) != (op.Post != nil) {
			t.Fatalf("%s with %v", op.Kind, op.Post)
		}
		checkPost(t, e, op.Post)
	})
}

func BenchmarkBluesky_DecodeAndNormalise(b *testing.B) {
	record := recordOf("Die Fähre ist heute schon wieder zu spät, aber das Licht über dem #Hafen ist schön. https://example.org/faehre", `,"facets":[{"index":{"byteStart":70,"byteEnd":76},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"Hafen"}]},{"index":{"byteStart":88,"byteEnd":114},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.org/faehre"}]}],"embed":{"$type":"app.bsky.embed.images","images":[{"alt":"A harbour at dusk","aspectRatio":{"width":1600,"height":1200},"image":{"$type":"blob","ref":{"$link":"bafkreia22222222222222222222222222222222222222222222222222"},"mimeType":"image/jpeg","size":474482}}]},"reply":{"root":{"cid":"bafyreia","uri":"at://`+ren+`/app.bsky.feed.post/3kaheyt6vpc22"},"parent":{"cid":"bafyreia","uri":"at://`+ren+`/app.bsky.feed.post/3kaheyt6vpc22"}}`)
	post := []byte(commitEvent("create", mio, "3kaheyt6vpc22", march, record))
	like := bytes.ReplaceAll(post, []byte("app.bsky.feed.post"), []byte("app.bsky.feed.like"))
	run := func(b *testing.B, message []byte) {
		b.ReportAllocs()
		b.SetBytes(int64(len(message)))
		for b.Loop() {
			if isOtherCollection(message) {
				continue
			}
			e, err := decode(message)
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
