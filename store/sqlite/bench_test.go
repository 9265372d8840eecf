package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/sqlite"
)

// typical is an event of the size of a typical post: a card of two KiB, and its state.
func typical(n int) hub.Event {
	text := fmt.Sprintf("post number %d: the ferry to the other side of the river leaves at %d, and 今日は雨が降っています", n, n%24)
	ev := post("create", fmt.Sprintf("bluesky:at://did:plc:%024d/app.bsky.feed.post/%013d", n/3, n), text)
	ev.Data = fmt.Appendf(nil, `{"id":%q,"text":%q,"html":"%s"}`, ev.Key, text, strings.Repeat("<p class=\\\"card\\\">x</p>", 90))
	ev.Index.State = fmt.Appendf(nil, `{"post":%q,"more":"%s"}`, text, strings.Repeat("m", 700))
	ev.Index.Names = []string{fmt.Sprintf("bluesky:did:plc:%024d", n/3)}
	ev.Index.Text = strings.ToLower(text)
	ev.Index.Author = fmt.Sprintf("someone%d.example", n/3)
	ev.Once = true
	return ev
}

// BenchmarkAppend measures events that are appended and delivered, in batches as they form while
// the one before is stored.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, err := sqlite.Open(filepath.Join(b.TempDir(), "nagare.db"), sqlite.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			delivered := 0
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			go s.Follow(ctx, channel, hub.Position{}, 10, func(_ hub.Position, events []hub.Event) { delivered += len(events) })
			begun := time.Now()
			n := 0
			for b.Loop() {
				batch := make([]hub.Event, 0, size)
				for range size {
					batch = append(batch, typical(n))
					n++
				}
				if _, err := s.Append(b.Context(), channel, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/time.Since(begun).Seconds(), "posts/s")
		})
	}
}
