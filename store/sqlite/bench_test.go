package sqlite_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/sqlite"
)

// posts is the size of the store in which BenchmarkRead reads:
//
//	go test ./store/sqlite -run XXX -bench Read -posts 1000000
var posts = flag.Int("posts", 10_000, "posts in the store of BenchmarkRead")

// vocabulary are made-up words. As in a language, few of them make up most of a text.
var vocabulary = func() (words []string) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		word := ""
		for range 2 + r.IntN(3) {
			word += string("bcdfghklmnprstvz"[r.IntN(16)]) + string("aeiou"[r.IntN(5)])
		}
		words = append(words, word)
	}
	return words
}()

// typical is an event of the size of a typical post: a card of two KiB, and its state.
func typical(n int) hub.Event {
	r := rand.New(rand.NewPCG(3, uint64(n)))
	text := fmt.Sprintf("post number %d: 今日は雨が降っています", n)
	for range 20 {
		text += " " + vocabulary[int(float64(len(vocabulary))*r.Float64()*r.Float64()*r.Float64())]
	}
	ev := post("create", fmt.Sprintf("bluesky:at://did:plc:%024d/app.bsky.feed.post/%013d", n/3, n), text)
	ev.Data = fmt.Appendf(nil, `{"id":%q,"text":%q,"html":"%s"}`, ev.Key, text, strings.Repeat("<p class=\\\"card\\\">x</p>", 90))
	ev.Index.State = fmt.Appendf(nil, `{"post":%q,"more":"%s"}`, text, strings.Repeat("m", 700))
	ev.Index.Names = []string{fmt.Sprintf("bluesky:did:plc:%024d", n/3)}
	ev.Index.Terms = []string{
		fmt.Sprintf("from:someone%d.example", n/3), "has:link", "lang:en", "source:bluesky",
		"tag:" + vocabulary[r.IntN(1000)], "tag:" + vocabulary[r.IntN(10)], fmt.Sprintf("who:friend%d.example", r.IntN(1+n/3)), fmt.Sprintf("who:someone%d.example", n/3),
	}
	slices.Sort(ev.Index.Terms)
	ev.Once = true
	return ev
}

func opened(b *testing.B, path string) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{MaxSize: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func appendAll(b *testing.B, s *sqlite.Store, events []hub.Event) {
	b.Helper()
	if _, err := s.Append(b.Context(), channel, events); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAppend measures events that are appended and delivered, in batches as they form while
// the one before is stored.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := opened(b, filepath.Join(b.TempDir(), "nagare.db"))
			defer s.Close()
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			go s.Follow(ctx, channel, hub.Position{}, 10, func(hub.Position, []hub.Event) {})
			n := 0
			for b.Loop() {
				batch := make([]hub.Event, 0, size)
				for range size {
					batch = append(batch, typical(n))
					n++
				}
				appendAll(b, s, batch)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "posts/s")
		})
	}
}

// BenchmarkDelay measures the time from Append to the delivery, at 50 posts a second.
func BenchmarkDelay(b *testing.B) {
	s := opened(b, filepath.Join(b.TempDir(), "nagare.db"))
	defer s.Close()
	n, delays := 0, []time.Duration{}
	for b.Loop() {
		ev := typical(n)
		begun := time.Now()
		appendAll(b, s, []hub.Event{ev}) // the event is delivered before Append returns
		delays = append(delays, time.Since(begun))
		time.Sleep(20*time.Millisecond - time.Since(begun))
		n++
	}
	report(b, delays)
}

// report reports percentiles in milliseconds.
func report(b *testing.B, all []time.Duration) {
	slices.Sort(all)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(all[len(all)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
	}
}

// BenchmarkRead reads in a store of *posts posts.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "nagare.db")
	s := opened(b, path)
	begun := time.Now()
	for n := 0; n < *posts; n += 500 {
		batch := make([]hub.Event, 0, 500)
		for i := range 500 {
			batch = append(batch, typical(n+i))
		}
		appendAll(b, s, batch)
	}
	size, _ := os.Stat(path)
	b.Logf("%d posts in %v, %d MiB", *posts, time.Since(begun).Round(time.Second), size.Size()>>20)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	before := resident()
	b.Run("open and load 1000 events", func(b *testing.B) { benchmarkOpen(b, path) })
	s = opened(b, path)
	defer s.Close()
	tip, err := s.At(b.Context(), channel, time.Now().Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	measure := func(name string, query func() store.Query) {
		b.Run(name, func(b *testing.B) {
			var all []time.Duration
			for b.Loop() {
				q := query()
				begun := time.Now()
				if _, _, err := s.Records(b.Context(), channel, q); err != nil {
					b.Fatal(err)
				}
				all = append(all, time.Since(begun))
			}
			report(b, all)
		})
	}
	measure("30 posts anywhere", func() store.Query {
		return store.Query{Before: hub.Position{Epoch: tip.Epoch, Offset: rand.Uint64N(tip.Offset) + 1}, Limit: 30}
	})
	benchmarkSearches(measure)
	b.Run("counts of a day", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Counts(b.Context(), channel, time.Now().Add(-24*time.Hour), 15*time.Minute, 96); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Logf("memory: %d MiB more", (resident()-before)>>20)
}

// benchmarkSearches measures searches.
func benchmarkSearches(measure func(string, func() store.Query)) {
	word := func() string { return vocabulary[rand.IntN(len(vocabulary))] }
	search := func(words ...string) store.Query { return store.Query{Words: words, Limit: 30, Match: accept(words)} }
	measure("a word", func() store.Query { return search(word()) })
	measure("two words", func() store.Query { return search(word(), word()) })
	measure("a frequent word", func() store.Query { return search(vocabulary[0]) })
	measure("words in no post", func() store.Query { return search(word() + word()) })
	measure("two characters", func() store.Query { return search("雨が") })
	measure("two characters in no post", func() store.Query { return search("龘靐") })
	term := func(terms ...string) store.Query { return store.Query{Terms: terms, Limit: 30, Match: accept(nil)} }
	measure("an author", func() store.Query { return term(fmt.Sprintf("from:someone%d.example", rand.IntN(*posts/3))) })
	measure("a tag", func() store.Query { return term("tag:" + vocabulary[rand.IntN(1000)]) })
	measure("a frequent tag", func() store.Query { return term("tag:"+vocabulary[rand.IntN(10)], "lang:en") })
	measure("a word and a tag", func() store.Query {
		q := search(word())
		q.Terms = []string{"tag:" + vocabulary[rand.IntN(1000)]}
		return q
	})
	measure("a frequent word that nothing else of a post fits", func() store.Query {
		q := search(vocabulary[0])
		q.Match = func(*hub.Index) bool { return false }
		return q
	})
}

// accept does the work of a query with these words.
func accept(words []string) func(*hub.Index) bool {
	return func(x *hub.Index) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(x.Text, w) })
	}
}

func benchmarkOpen(b *testing.B, path string) {
	for b.Loop() {
		s := opened(b, path)
		ctx, stop := context.WithCancel(b.Context())
		s.Follow(ctx, channel, hub.Position{}, 1000, func(hub.Position, []hub.Event) { stop() })
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// resident is the resident memory of the process, in bytes.
func resident() (bytes int64) {
	runtime.GC()
	var size, pages int64
	text, _ := os.ReadFile("/proc/self/statm")
	fmt.Sscan(string(text), &size, &pages)
	return pages * int64(os.Getpagesize())
}
