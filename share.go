package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"nagare/store"
	"nagare/web"
)

const (
	shareInterval = 2 * time.Second
	sourcesText   = "sources" // name of the text in the store
)

// share keeps the states of the sources the same in all processes with one store, until ctx ends: the
// process that reads the sources puts them into the store, and the others take them from there. A
// fault of the store is reported elsewhere.
func share(ctx context.Context, st store.Store, timeline *web.Timeline, reads *atomic.Bool, log *slog.Logger) {
	tick := time.NewTicker(shareInterval)
	defer tick.Stop()
	shared := ""
	for ctx.Err() == nil { // a tick can be due, too, if the store answers slowly
		if !reads.Load() {
			shared = adopt(st, timeline, log)
		} else if now := string(timeline.SharedSources()); now != shared && st.Put(sourcesText, now) == nil {
			shared = now
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// adopt takes the states of the sources from the store, and returns them.
func adopt(st store.Store, timeline *web.Timeline, log *slog.Logger) string {
	text, found, err := st.Get(sourcesText)
	if err != nil || !found {
		return ""
	}
	if err := timeline.AdoptSources([]byte(text)); err != nil {
		log.Warn("states of the sources not readable", "err", err)
	}
	return text
}
