package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/redis"
	"nagare/store/sqlite"
	"nagare/web"
)

// channel is the name of the channel that carries the posts. Clients of 2013 subscribe to it by
// this name.
const channel = "streaming"

// openStore opens the store of the site.
func openStore(ctx context.Context, c config, log *slog.Logger) (store.Store, error) {
	switch {
	case c.store.redis != "": // it may hold a desk, whose channel is followed then: see hasDesk
		s, err := redis.Open(c.store.redis, redis.Options{
			Verify: c.store.verify, Keep: c.store.entries, Channels: 2, Reindex: web.Reindex, Log: log,
		})
		if err != nil {
			return nil, c.given.fault("store", "%s", redactedText(err.Error(), c.store.redis))
		}
		return s, nil
	case !c.store.durable():
		return new(store.Memory), nil
	}
	s, err := sqlite.Open(ctx, c.store.file, sqlite.Options{Keep: c.store.keep, MaxSize: c.store.size, Reindex: web.Reindex, Log: log})
	if errors.Is(err, context.Canceled) {
		return nil, context.Canceled
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s", c.given.name("store"), redactedText(err.Error(), c.store.file))
	}
	return s, nil
}

// backup copies the store of the site into a file, also while another process uses it.
func backup(ctx context.Context, c config) error {
	if c.store.file == "" {
		return c.given.fault("store", "give --store FILE, the store to copy")
	}
	if err := sqlite.Backup(ctx, c.store.file, c.backup); err != nil {
		return errors.New("backup: " + redactedText(err.Error(), c.store.file, c.backup))
	}
	return nil
}

// The longest waits for the store. At the end of the program they run from one moment, the signal,
// so that it has ended before a container platform kills it, usually after ten seconds.
const (
	storeWait = 5 * time.Second // for all of the store's work
	flushWait = 3 * time.Second // for the events of the sources; the rest is for the release of the lease
	closeWait = 1 * time.Second // at the end of it, for closing the store
)

// lasting returns a context that ends some time after ctx has ended.
func lasting(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		defer cancel()
		select {
		case <-time.After(wait):
		case <-longer.Done():
		}
	})
	return longer, cancel
}

// texts is the store of the sources.
type texts struct {
	store.Store
	channel *hub.Channel
	ctx     context.Context // ends when a text is no longer waited for
}

// Put implements stream.Store. It first waits until all events that the sources have emitted are
// stored.
func (t texts) Put(name, text string) error {
	if err := t.Health(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.ctx, storeWait)
	defer cancel()
	if err := t.channel.Flush(ctx); err != nil {
		return err
	}
	return t.Store.Put(ctx, name, text)
}

// release stores what waits until ctx ends, and closes the store. The hub goes on serving from memory.
func release(ctx context.Context, h *hub.Hub, s store.Store) error {
	return errors.Join(h.Detach(ctx), closeStore(s))
}

// closeStore closes a store. A disk that hangs doesn't hold up the end of the program: the kernel then
// releases the store.
func closeStore(s store.Store) error {
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeWait):
		return errors.New("the store is not closed: it hangs")
	}
}
