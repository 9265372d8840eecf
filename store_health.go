package main

import (
	"context"
	"log/slog"
	"time"

	"nagare/store"
)

const (
	healthInterval = time.Second
	healthRepeat   = time.Minute // from one fault in the log to the next of the same kind
)

// logHealth logs when a store begins to fail, fails in another way, and works again, until ctx ends. A
// store that fails with changing errors of one kind is logged once a minute.
func logHealth(ctx context.Context, st store.Store, log *slog.Logger) {
	tick := time.NewTicker(healthInterval)
	defer tick.Stop()
	var logged error
	var at time.Time
	for {
		switch err := st.Health(); {
		case err == nil && logged != nil:
			log.Info("the store works again")
			logged = nil
		case err != nil && (logged == nil || store.KindOf(err) != store.KindOf(logged) || err.Error() != logged.Error() && time.Since(at) >= healthRepeat):
			log.Error("the store fails, new posts wait", "err", err)
			logged, at = err, time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
