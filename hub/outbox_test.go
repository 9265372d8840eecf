package hub_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// slowStore is a store whose Append takes a second.
type slowStore struct{ *memory }

func (s slowStore) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for _, ev := range events {
		if ev.Name == "refused" {
			return nil, errors.New("not this one")
		}
	}
	return s.memory.Append(ctx, channel, events)
}

// onSlowStore runs a test with a hub whose store is slow.
func onSlowStore(t *testing.T, test func(*testing.T, *memory, *hub.Hub)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub.New(hub.Options{Store: slowStore{m}, Log: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		h.Channel("streaming")
		go func() { ended <- h.Run(ctx) }()
		synctest.Wait()
		test(t, m, h)
		stop()
		<-ended
	})
}

func numbered(n int) hub.Event {
	return hub.Event{Name: "create", Data: fmt.Append(nil, n)}
}

func TestOutbox_EventsThatWaitTogetherAreStoredTogetherAndInOrder(t *testing.T) {
	onSlowStore(t, func(t *testing.T, m *memory, h *hub.Hub) {
		ch := h.Channel("streaming")
		for n := range 100 {
			if err := ch.Enqueue(t.Context(), numbered(n)); err != nil {
				t.Fatal(err)
			}
		}
		if at := ch.Tip(); at.Offset != 0 {
			t.Errorf("at %v before anything is stored", at)
		}
		begun := time.Now()
		at, err := ch.Publish(t.Context(), numbered(100))
		if err != nil || at.Offset != 101 || time.Since(begun) > 3*time.Second || m.appends > 3 {
			t.Errorf("stored at %v, %v, after %v and %d appends", at, err, time.Since(begun), m.appends)
		}
		events, _ := ch.Recent(1000)
		for n, ev := range events {
			if string(ev.Data) != fmt.Sprint(n) {
				t.Fatalf("event %d is %s", n, ev.Data)
			}
		}
	})
}

func TestOutbox_APublisherWaitsWhileTooManyEventsWait(t *testing.T) {
	onSlowStore(t, func(t *testing.T, m *memory, h *hub.Hub) {
		ch := h.Channel("streaming")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		taken := 0
		for ch.Enqueue(ctx, numbered(taken)) == nil {
			taken++
		}
		if taken != 256 {
			t.Errorf("%d events wait, want 256", taken)
		}
		if err := ch.Flush(t.Context()); err != nil || ch.Tip().Offset != 256 {
			t.Errorf("at %v after Flush, %v", ch.Tip(), err)
		}
	})
}

func TestOutbox_ARefusedEventDoesNotKeepOthersFromBeingStored(t *testing.T) {
	onSlowStore(t, func(t *testing.T, m *memory, h *hub.Hub) {
		ch := h.Channel("streaming")
		ch.Enqueue(t.Context(), numbered(1))
		ch.Enqueue(t.Context(), numbered(2))
		ch.Enqueue(t.Context(), hub.Event{Name: "refused"})
		ch.Enqueue(t.Context(), numbered(3))
		if at, err := ch.Publish(t.Context(), numbered(4)); err != nil || at.Offset != 4 {
			t.Errorf("the last of four is at %v, %v", at, err)
		}
		if _, err := ch.Publish(t.Context(), hub.Event{Name: "refused"}); err == nil {
			t.Error("Publish hides that an event was refused")
		}
	})
}

func TestDetach_StoresWhatWaitsAndThenUsesTheStoreNoMore(t *testing.T) {
	onSlowStore(t, func(t *testing.T, m *memory, h *hub.Hub) {
		ch := h.Channel("streaming")
		for n := range 10 {
			ch.Enqueue(t.Context(), numbered(n))
		}
		if err := h.Detach(t.Context()); err != nil || ch.Tip().Offset != 10 || m.followed() {
			t.Errorf("at %v after Detach, %v, followed: %v", ch.Tip(), err, m.followed())
		}
		for _, ch := range []*hub.Channel{ch, h.Channel("another")} {
			if _, err := ch.Publish(t.Context(), numbered(11)); !errors.Is(err, hub.ErrDetached) {
				t.Errorf("publishing afterwards: %v", err)
			}
		}
		if events, _ := ch.Recent(100); len(events) != 10 {
			t.Errorf("%d events are left to serve", len(events))
		}
	})
}

func TestDetach_GivesUpAtTheEndOfItsContextAndSaysSo(t *testing.T) {
	onSlowStore(t, func(t *testing.T, m *memory, h *hub.Hub) {
		h.Channel("streaming").Enqueue(t.Context(), numbered(1))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := h.Detach(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestLoaded_WaitsForTheEventsOfTheStoreOrItsFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.Append(t.Context(), "streaming", []hub.Event{numbered(1), numbered(2)})
		for _, broken := range []error{nil, errors.New("away")} {
			m.broken = broken
			h := hub.New(hub.Options{Store: m, Log: slog.New(slog.DiscardHandler)})
			ch := h.Channel("streaming")
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- h.Run(ctx) }()
			if err := ch.Loaded(ctx); (err == nil) != (broken == nil) {
				t.Errorf("store %v: %v", broken, err)
			}
			if at := ch.Tip(); broken == nil && at != (hub.Position{Epoch: "a", Offset: 2}) {
				t.Errorf("at %v", at)
			}
			stop()
			<-ended
		}
	})
}

// A store begins a new epoch without an event if it may have lost some.
func TestStore_ReadersAreToldOfANewEpochThatHasNoEventYet(t *testing.T) {
	storing(t, 1, func(t *testing.T, m *memory, all []*world) {
		w := all[0]
		w.publish(3)
		c := w.join()
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":3,"head":3`))
		m.mu.Lock()
		for deliver := range m.followers {
			(*deliver)(hub.Position{Epoch: "b"}, nil)
		}
		m.mu.Unlock()
		if got, want := c.text(), `[["stream.reset",{"channel":"streaming","data":{"previous":"a"},"offset":0,"epoch":"b"}]]`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
