package web

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

// away is a history that can't be read until a time.
type away struct {
	History
	until time.Time
}

func (a away) Find(ctx context.Context, channel string, names ...string) ([]store.Record, error) {
	if time.Now().Before(a.until) {
		return nil, errors.New("the server is away")
	}
	return a.History.Find(ctx, channel, names...)
}

func (a away) Records(ctx context.Context, channel string, q store.Query) ([]store.Record, hub.Position, error) {
	if time.Now().Before(a.until) {
		return nil, hub.Position{}, errors.New("the server is away")
	}
	return a.History.Records(ctx, channel, q)
}

// awayTimeline is a timeline whose history has the post "A" from before a restart, and can't be
// read for some time.
func awayTimeline(t *testing.T, d time.Duration, log *slog.Logger) *Timeline {
	kept := new(store.Memory)
	timeline := NewTimeline(hub.New(hub.Options{Log: log}), "streaming", away{kept, time.Now().Add(d)}, networks.All, log)
	reconciler := reconcile.New(func(op stream.Op) error {
		_, err := kept.Append(t.Context(), "streaming", []hub.Event{{Name: "create", Key: op.ID, Data: []byte("{}"), Index: indexOf(op)}})
		return err
	}, NewArchive(&Timeline{name: "streaming", history: kept}, true, t.Context))
	if err := reconciler.Emit(streamtest.Created("A")); err != nil {
		t.Fatal(err)
	}
	return timeline
}

// A deletion of a post from before a restart, while the store is away, is applied once the store is
// back.
func TestArchive_ADeletionWaitsForAStoreThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		timeline := awayTimeline(t, 30*time.Second, slog.New(slog.NewTextHandler(&log, nil)))
		var got []string
		reconciler := reconcile.New(func(op stream.Op) error { got = append(got, string(op.Kind)+" "+op.ID); return nil }, NewArchive(timeline, true, t.Context))
		reconciler.Emit(streamtest.Destroyed("A"))
		if len(got) != 1 || got[0] != "destroy A" {
			t.Errorf("emitted %v, want the destroy", got)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 1 {
			t.Errorf("%d lines in the log, want one:\n%s", lines, log.String())
		}
	})
}

func TestArchive_DoesNotHoldUpPostsForEverNorAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		archive := NewArchive(awayTimeline(t, 24*time.Hour, slog.New(slog.DiscardHandler)), true, func() context.Context { return ctx })
		begun := time.Now()
		archive.Find("A")
		archive.Find("A")
		if took := time.Since(begun); took < patience || took > patience+2*lookAgain {
			t.Errorf("two lookups took %v, want %v", took, patience)
		}
		cancel()
		again := NewArchive(archive.timeline, true, archive.ctx)
		begun = time.Now()
		again.Find("A")
		if took := time.Since(begun); took != 0 {
			t.Errorf("after the end, it waited for %v", took)
		}
	})
}
