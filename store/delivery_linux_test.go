package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/redis"
	"nagare/store/sqlite"
)

// BenchmarkDelivery compares the stores at 50 events a second: the time from an append to the delivery,
// and the processor time of this process, which appends and follows. In each round every store has its
// turn for half a second, so that what else the machine does concerns all of them.
//
//	go test ./store -run '^$' -bench Delivery -benchtime 40x
func BenchmarkDelivery(b *testing.B) {
	turns := []*turn{
		{name: "memory", store: new(store.Memory)}, {name: "sqlite", store: openFile(b)}, {name: "redis", store: openServer(b)},
	}
	ctx, stop := context.WithCancel(b.Context())
	var following sync.WaitGroup
	for _, t := range turns {
		t.delivered = make(chan time.Time, 1)
		following.Go(func() { t.follow(ctx) })
		<-t.delivered
	}
	for b.Loop() {
		for _, t := range turns {
			t.take(b)
		}
	}
	for _, t := range turns {
		t.report(b)
	}
	stop()
	following.Wait()
}

// turn is a store that is measured.
type turn struct {
	name      string
	store     store.Store
	delivered chan time.Time
	times     []time.Duration // from append to delivery
	used      time.Duration   // processor time
}

// follow follows again until the server answers, as a hub does.
func (t *turn) follow(ctx context.Context) {
	for ctx.Err() == nil {
		t.store.Follow(ctx, "streaming", hub.Position{}, 1000, t.deliver)
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (t *turn) deliver(hub.Position, []hub.Event) { t.delivered <- time.Now() }

func (t *turn) take(b *testing.B) {
	before, tick := processCPU(), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for range 25 {
		<-tick.C
		ev := typical(len(t.times))
		begun := time.Now()
		if _, err := t.store.Append(b.Context(), "streaming", []hub.Event{ev}); err != nil {
			b.Fatal(err)
		}
		t.times = append(t.times, (<-t.delivered).Sub(begun))
	}
	t.used += processCPU() - before
}

func (t *turn) report(b *testing.B) {
	slices.Sort(t.times)
	micros := func(name string, d time.Duration) { b.ReportMetric(float64(d.Microseconds()), t.name+"-"+name+"-µs") }
	micros("p50", t.times[len(t.times)/2])
	micros("p99", t.times[len(t.times)*99/100])
	micros("cpu", t.used/time.Duration(len(t.times)))
}

// typical is the event of a new post, with 4 KiB of data and an index.
func typical(n int) hub.Event {
	return hub.Event{
		Name: "create", Key: fmt.Sprint("bluesky:at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/", n), Once: true,
		Data: []byte(`{"html":"` + strings.Repeat("x", 4<<10) + `"}`),
		Index: &hub.Index{
			Names: []string{"did:plc:abcdefghijklmnopqrstuvwx"}, Text: strings.Repeat("words ", 40), Time: time.Now(),
			Terms: []string{"from:did:plc:abcdefghijklmnopqrstuvwx", "lang:en", "source:bluesky"},
		},
	}
}

func openFile(b *testing.B) store.Store {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "nagare.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// openServer starts a Redis server, which writes an append-only file.
func openServer(b *testing.B) store.Store {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	server := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", b.TempDir(), "--save", "", "--appendonly", "yes")
	if err := server.Start(); err != nil {
		b.Skip(err)
	}
	s, err := redis.Open("redis://127.0.0.1:"+port, redis.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		s.Close()
		server.Process.Kill()
		server.Wait()
	})
	return s
}

func processCPU() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
