package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/streamtest"
)

// hanging is a store whose disk never answers, so that nothing is stored.
type hanging struct {
	store.Memory
	closing chan struct{} // Close waits for it, up to an hour
}

func (*hanging) Append(ctx context.Context, _ string, _ []hub.Event) ([]hub.Position, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *hanging) Close() error {
	select {
	case <-s.closing:
	case <-time.After(time.Hour):
	}
	return nil
}

// hangingServer is such a server, whose lease can't be released either.
type hangingServer struct{ hanging }

func (*hangingServer) Lead(ctx context.Context, f func(context.Context) error) error {
	defer time.Sleep(2 * time.Second) // as long as the store of Redis waits
	return f(ctx)
}

// busy is a source that has a post every 10 ms, and saves its cursor after each.
type busy struct{ saved stream.Store }

func (busy) Build(rt stream.Runtime) []stream.Source {
	return []stream.Source{stream.Buffered(busy{rt.Store})}
}

func (b busy) Stream(ctx context.Context, emit func(stream.Op) error) error {
	for n := 0; stream.Sleep(ctx, 10*time.Millisecond) == nil; n++ {
		if err := emit(streamtest.Created(fmt.Sprint(n))); err != nil {
			return err
		}
		_ = b.saved.Put("cursor", "17") // fails, because the posts before are not stored
	}
	return ctx.Err()
}

// A container platform kills the process ten seconds after the signal. The waits for the store run
// from the signal, and don't add up.
func TestStop_AStoreThatHangsHoldsUpTheEndForFiveSeconds(t *testing.T) {
	closed := make(chan struct{})
	close(closed)
	for name, test := range map[string]struct {
		open func() store.Store
		kept storeConfig
		want string
	}{
		"a file":                      {func() store.Store { return &hanging{closing: closed} }, storeConfig{file: "x"}, "hub: not stored yet: context canceled"},
		"a file that is never closed": {func() store.Store { return new(hanging) }, storeConfig{file: "x"}, "hub: not stored yet: context canceled\nthe store is not closed: it hangs"},
		"a server":                    {func() store.Store { return &hangingServer{hanging{closing: closed}} }, storeConfig{redis: "redis://x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { stopsInTime(t, test.open(), test.kept, test.want) })
		})
	}
}

func stopsInTime(t *testing.T, st store.Store, kept storeConfig, want string) {
	p := newProgram(config{store: kept, sources: sourcesConfig{list: []stream.Configuration{busy{}}}}, slog.New(slog.DiscardHandler), st, nil)
	ctx, stop := context.WithCancel(t.Context())
	var group errgroup.Group
	group.Go(func() error { return p.hub.Run(ctx) })
	p.startReading(ctx, &group)
	time.Sleep(time.Minute) // posts wait, and so does the source
	stop()
	stopped := time.Now()
	err := errors.Join(group.Wait(), p.close())
	if took := time.Since(stopped); took > storeWait {
		t.Errorf("it took %v", took)
	}
	time.Sleep(time.Hour)                                     // until Close has ended
	if got := fmt.Sprint(err); got != cmp.Or(want, "<nil>") { // a hub with a server logs what is not stored
		t.Errorf("got %v, want %s", got, want)
	}
}
