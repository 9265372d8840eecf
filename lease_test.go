package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/streamtest"
	"nagare/web"
)

// reader is what passes the ops of one process on.
type reader struct {
	hub  *hub.Hub
	pass func(context.Context, stream.Op) error
}

// newReader runs a hub on a store, as a process does, until the test ends.
func newReader(t *testing.T, st store.Store) reader {
	h := hub.New(hub.Options{Store: st, Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	timeline := web.NewTimeline(h, channel, st, networks.All, slog.New(slog.DiscardHandler))
	if err := h.Channel(channel).Loaded(t.Context()); err != nil {
		t.Fatal(err)
	}
	return reader{h, reconciled(timeline, true, nil).pass}
}

// read passes an op that was read under a lease, and waits until it is stored.
func (r reader) read(t *testing.T, lease string, op stream.Op) {
	t.Helper()
	if err := r.pass(hub.WithFence(t.Context(), lease), op); err != nil {
		t.Fatal(err)
	}
	if err := r.hub.Channel(channel).Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// While another process had the lease, posts were deleted. A process that gets the lease back must
// not show them again from its memory.
func TestLease_APostThatAnotherProcessDeletedIsNotShownAgain(t *testing.T) {
	st := new(store.Memory)
	a, b := newReader(t, st), newReader(t, st)
	post := streamtest.Created("A")
	post.Post.Text = []stream.Segment{{Text: "the deleted words"}}
	a.read(t, "1", post)
	b.read(t, "2", streamtest.Destroyed("A"))
	renamed := post.Post.Author
	renamed.Name = "a new name"
	a.read(t, "3", streamtest.About(stream.AuthorUpdate, renamed))
	events, _ := a.hub.Channel(channel).Recent(100)
	for _, ev := range events {
		if strings.Contains(string(ev.Data), "the deleted words") {
			t.Errorf("the log has the deleted words in event %v, %s", ev.Position, ev.Name)
		}
	}
	if len(events) != 2 {
		t.Errorf("%d events, want a create and a destroy", len(events))
	}
}

// refusing is a store that refuses what was published under the lease 1.
type refusing struct{ *store.Memory }

func (s refusing) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	for _, ev := range events {
		if ev.Fence == "1" {
			return nil, errors.New("another process has the lease")
		}
	}
	return s.Memory.Append(ctx, channel, events)
}

// A post that the store has refused at the end of a lease comes again under the next one.
func TestLease_APostThatTheStoreRefusedIsShownWhenItComesAgain(t *testing.T) {
	a := newReader(t, refusing{new(store.Memory)})
	a.pass(hub.WithFence(t.Context(), "1"), streamtest.Created("A"))
	a.hub.Channel(channel).Flush(t.Context()) // the error of either call says that the store refused it
	a.read(t, "2", streamtest.Created("A"))
	if events, _ := a.hub.Channel(channel).Recent(100); len(events) != 1 {
		t.Errorf("%d events, want the post", len(events))
	}
}
