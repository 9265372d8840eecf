package main

import (
	"context"
	"errors"
	"sync/atomic"

	"nagare/hub"
	"nagare/store"
)

// leaser is a store that several processes share. See [redis.Store.Lead].
type leaser interface {
	Lead(ctx context.Context, f func(context.Context) error) error
}

// collect runs the sources once the stored posts are loaded, if this process has to read them. When
// ctx has ended, it releases what another process may wait for: the lease on the sources, or the
// whole store. This process still serves its viewers then. It sets reads while it reads the sources.
func collect(ctx context.Context, c config, h *hub.Hub, posts *hub.Channel, st store.Store, reads *atomic.Bool, sources func(context.Context) error) error {
	_ = posts.Loaded(ctx) // serve logs the error
	flushing, cancel := lasting(ctx, flushWait)
	defer cancel()
	storing, cancel := lasting(ctx, storeWait-closeWait)
	defer cancel()
	err := reading(flushing, c, posts, st, func(ctx context.Context) error {
		reads.Store(true)
		err := sources(ctx)
		if err != nil || ctx.Err() != nil {
			reads.Store(false)
		}
		return err
	})(ctx)
	if err == nil {
		<-ctx.Done()
	}
	if c.store.shared() { // the viewers of this process are sent what others publish until they leave
		return err
	}
	return errors.Join(err, release(storing, h, st))
}

// reading returns what this process does about the sources. When they end, their events are stored
// until flushing ends.
func reading(flushing context.Context, c config, posts *hub.Channel, st store.Store, sources func(context.Context) error) func(context.Context) error {
	shared, is := st.(leaser)
	switch {
	case c.ingest == "never":
		return func(context.Context) error { return nil }
	case c.ingest == "always" || !is:
		return sources
	}
	return func(ctx context.Context) error {
		return shared.Lead(ctx, func(ctx context.Context) error {
			defer flush(flushing, posts)
			return sources(ctx)
		})
	}
}

// flush waits until the events that the sources have emitted are stored: after the lease is released
// they would be refused. The hub reports at its end if some are not stored.
func flush(ctx context.Context, posts *hub.Channel) {
	ctx, cancel := context.WithTimeout(ctx, flushWait)
	defer cancel()
	_ = posts.Flush(ctx)
}
