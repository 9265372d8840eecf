package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
	"nagare/stream/replay"
	"nagare/web"
)

// posts maps each recording in testdata/networks to a pattern for the lines that create a post.
// The group of the pattern is the post's id without the last nine characters.
var posts = map[string]*regexp.Regexp{
	"twitter":  regexp.MustCompile(`^\{"created_at":"[^"]*","id":(\d{10})\d{9},`),
	"x":        regexp.MustCompile(`^\{"data":\{"id":"(\d{10})\d{9}","edit_history_tweet_ids":\["\d*"\]`),
	"bluesky":  regexp.MustCompile(`"operation":"create","collection":"app\.bsky\.feed\.post","rkey":"(3m2r)iver\d{5}"`),
	"mastodon": regexp.MustCompile(`"event":"update","payload":"\{\\"id\\":\\"(\d{9})\d{9}\\"`),
}

var reposts = regexp.MustCompile(`"retweeted_status":|"type":"retweeted"|\\"reblog\\":\{`)

// BenchmarkIngest measures the path of a post from the line that a network sends to the frame in
// the log: decoding, reconciling, rendering, storing in memory as the program does by default, and
// publishing. Half of the posts in testdata/networks have more than a text.
func BenchmarkIngest(b *testing.B) {
	for _, name := range []string{"bluesky", "mastodon", "x", "twitter"} {
		b.Run(name, func(b *testing.B) {
			path := manyPosts(b, name, b.N)
			b.ReportAllocs()
			b.ResetTimer()
			ingestAll(b, path, b.N)
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/post")
		})
	}
}

// ingestAll publishes the posts of a recording on a new hub.
func ingestAll(t testing.TB, path string, posts int) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	recording := replay.File(path)
	recording.Decoders, recording.Speed, recording.Log = networkDecoders, 1e12, log // so fast that nothing waits
	kept := new(store.Memory)
	h := hub.New(hub.Options{Log: log, Store: kept})
	timeline := web.NewTimeline(h, "streaming", kept, networks.All, log)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	defer running.Wait()
	defer stop()
	archive := web.NewArchive(timeline, false, func() context.Context { return ctx })
	reconciler := reconcile.New(func(op stream.Op) error { return timeline.Emit(ctx, op) }, archive)
	if err := stream.Run(ctx, log, recording, reconciler.Emit); err != nil {
		t.Fatal(err)
	}
	if got := timeline.Posts(); got != uint64(posts) || recording.Skipped() > 0 {
		t.Fatalf("%d of %d posts were published, %d lines skipped", got, posts, recording.Skipped())
	}
}

// networkDecoders returns the decoders of all networks.
func networkDecoders() []stream.Decoder { return networks.Decoders("") }

// manyPosts writes a recording of n posts with different ids, and returns its path.
func manyPosts(t testing.TB, name string, n int) (path string) {
	t.Helper()
	recorded, err := os.ReadFile(filepath.Join("testdata", "networks", name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var lines, ids, starts [][]byte
	for line := range bytes.Lines(recorded) {
		if found := posts[name].FindSubmatchIndex(line); found != nil && !reposts.Match(line) {
			from, to := found[2], found[3]
			lines, ids, starts = append(lines, line), append(ids, line[from:to+9]), append(starts, line[from:to])
		}
	}
	if len(lines) < 10 {
		t.Fatalf("%d posts of %s", len(lines), name)
	}
	path = filepath.Join(t.TempDir(), name+".ndjson")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	for i := range n {
		at := i % len(lines)
		w.Write(bytes.ReplaceAll(lines[at], ids[at], fmt.Appendf(nil, "%s%09d", starts[at], i)))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}
