package hub_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// lateStore is a store that delivers events a second after they are stored, as a server far away does.
type lateStore struct{ *memory }

func (s lateStore) Follow(ctx context.Context, channel string, after hub.Position, most int, deliver func(hub.Position, []hub.Event)) error {
	return s.memory.Follow(ctx, channel, after, most, func(tip hub.Position, events []hub.Event) {
		if len(events) == 0 {
			deliver(tip, events)
			return
		}
		time.AfterFunc(time.Second, func() { deliver(tip, events) })
	})
}

func TestSettle_WaitsUntilTheLogHasWhatWasPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Store: lateStore{newMemory()}})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		ch := h.Channel("streaming")
		go func() { ended <- h.Run(ctx) }()
		synctest.Wait()
		if err := ch.Settle(t.Context()); err != nil {
			t.Errorf("with nothing published: %v", err)
		}
		if err := ch.Enqueue(t.Context(), numbered(1)); err != nil {
			t.Fatal(err)
		}
		begun, arrival := time.Now(), ch.Arrival()
		soon, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if err := ch.Settle(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while the log lags behind: %v", err)
		}
		if err := ch.Settle(t.Context()); err != nil {
			t.Error(err)
		}
		if events, _ := ch.Recent(9); len(events) != 1 || time.Since(begun) != time.Second {
			t.Errorf("%d events after %v, want the one, after a second", len(events), time.Since(begun))
		}
		select {
		case <-arrival:
		default:
			t.Error("the arrival was not told")
		}
		stop()
		<-ended
	})
}
