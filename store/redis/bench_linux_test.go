package redis_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/redis"
)

// sized makes events of new posts, with 4 KiB of data and an index, as those of the page are.
func sized(from, n int) (events []hub.Event) {
	data := json.RawMessage(`{"html":"` + strings.Repeat("x", 4<<10) + `"}`)
	for i := range n {
		key := fmt.Sprint("bluesky:at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/", from+i)
		events = append(events, hub.Event{Name: "create", Key: key, Once: true, Data: data, Index: &hub.Index{
			Names: []string{"did:plc:abcdefghijklmnopqrstuvwx"}, Text: strings.Repeat("words ", 40), Time: time.Unix(1_700_000_000, 0),
			Terms: []string{"from:someone.example", "has:link", "lang:en", "source:bluesky", "tag:go", "who:someone.example"},
		}})
	}
	return events
}

// BenchmarkAppend appends batches of a size, which several nodes follow.
func BenchmarkAppend(b *testing.B) {
	for _, test := range []struct{ nodes, size int }{{1, 1}, {3, 1}, {10, 1}, {1, 16}, {3, 16}, {10, 16}} {
		size := test.size
		b.Run(fmt.Sprintf("nodes%d/batch%d", test.nodes, size), func(b *testing.B) {
			s := startServer(b)
			var tips sync.WaitGroup
			ctx, stop := context.WithCancel(b.Context())
			total := b.N * size
			for range test.nodes {
				followed := openStore(b, s.url())
				tips.Go(func() {
					reached, done := context.WithCancel(ctx)
					followed.Follow(reached, channel, hub.Position{}, 1000, func(tip hub.Position, _ []hub.Event) {
						if tip.Offset == uint64(total) {
							done()
						}
					})
				})
			}
			defer stop()
			writer := openStore(b, s.url())
			before := serverCPU(b, s)
			b.ResetTimer()
			for i := range b.N {
				if _, err := writer.Append(b.Context(), channel, sized(i*size, size)); err != nil {
					b.Fatal(err)
				}
			}
			tips.Wait()
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64((serverCPU(b, s)-before).Microseconds())/float64(total), "redis-µs/event")
		})
	}
}

// serverCPU returns the processor time that the server has used.
func serverCPU(t testing.TB, s *server) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		t.Skip(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')'):]))
	var user, system int64
	fmt.Sscan(fields[12], &user)
	fmt.Sscan(fields[13], &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// BenchmarkMemory reports how much memory a full server uses.
func BenchmarkMemory(b *testing.B) {
	s := startServer(b, "--appendonly", "no")
	full, err := redis.Open(s.url(), redis.Options{Log: quiet})
	if err != nil {
		b.Fatal(err)
	}
	defer full.Close()
	used := func() float64 {
		for _, line := range strings.Split(s.do("info", "memory").(string), "\r\n") {
			var n float64
			if _, err := fmt.Sscanf(line, "used_memory:%f", &n); err == nil {
				return n / (1 << 20)
			}
		}
		return 0
	}
	append := func(from, to int) {
		for i := from; i < to; i += 100 {
			if _, err := full.Append(b.Context(), channel, sized(i, 100)); err != nil {
				b.Fatal(err)
			}
		}
	}
	empty := used()
	for range b.N {
		append(0, 4000)
		b.ReportMetric(used()-empty, "MiB-4000-events")
		append(4000, 100_000)
		b.ReportMetric(used()-empty, "MiB-4000-events-100000-ids")
	}
}
