package hub

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// Channel is a named log that clients subscribe to. Its methods are safe for concurrent
// use.
type Channel struct {
	// Set by Hub.Channel, never changed.
	hub  *Hub
	name string

	// Safe for concurrent use.
	log      atomic.Pointer[log] // replaced only if a store changes the epoch
	versions atomic.Uint64       // of entries: see entry.version
	private  atomic.Bool         // set by Hub.Private
	loaded   atomic.Bool         // the log holds the newest events of the store
	firstTry chan struct{}       // closed by followed, after the first attempt to load them
	followed sync.Once
	outbox   *outbox
	arrivals arrivals
}

func newChannel(h *Hub, name string) *Channel {
	c := &Channel{hub: h, name: name, firstTry: make(chan struct{})}
	c.outbox = newOutbox(c)
	c.log.Store(newLog(c, newEpoch()))
	return c
}

// Trigger publishes an event to all subscribers, also to those that will subscribe from
// an earlier position. The data is anything that encoding/json can encode; nil stands
// for {}.
func (c *Channel) Trigger(ctx context.Context, event string, data any) (Position, error) {
	ev := Event{Name: event}
	if err := ev.Encode(data); err != nil {
		return Position{}, fmt.Errorf("hub: trigger %s: %w", event, err)
	}
	return c.Publish(ctx, ev)
}

// Publish is Trigger for an event with encoded data, or with a Key. It returns
// ErrTooLarge if the data is over 16 KiB. With a store, it returns once the event is stored.
func (c *Channel) Publish(ctx context.Context, ev Event) (Position, error) {
	if err := check(ctx, &ev); err != nil {
		return Position{}, err
	}
	if c.hasStore() {
		return c.outbox.publish(ctx, ev)
	}
	return c.append(ev), nil
}

// Enqueue is Publish, but with a store it doesn't wait until the event is stored. Events are
// stored in the order in which they were enqueued and published. If too many events wait to be
// stored, Enqueue waits, too.
func (c *Channel) Enqueue(ctx context.Context, ev Event) error {
	if err := check(ctx, &ev); err != nil {
		return err
	}
	if c.hasStore() {
		return c.outbox.put(ctx, ev, nil)
	}
	c.append(ev)
	return nil
}

// Flush waits until all events that were enqueued before are stored. It returns an error if
// some of them may not be.
func (c *Channel) Flush(ctx context.Context) error { return c.outbox.flush(ctx, false) }

// Settle is Flush, and also waits until this hub has the events in its log: what is read from it from then on
// has their effect. If the store changes the epoch meanwhile, Settle waits until ctx ends.
func (c *Channel) Settle(ctx context.Context) error {
	if err := c.Flush(ctx); err != nil {
		return err
	}
	at := c.outbox.newestStored()
	for {
		arrival := c.Arrival()
		if tip := c.Tip(); at.Epoch == "" || tip.Epoch == at.Epoch && tip.Offset >= at.Offset {
			return nil
		}
		select {
		case <-arrival:
		case <-ctx.Done():
			return fmt.Errorf("hub: not in the log yet: %w", ctx.Err())
		}
	}
}

func check(ctx context.Context, ev *Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ev.Fence = FenceOf(ctx)
	return ev.prepare()
}

// hasStore reports whether events are stored.
func (c *Channel) hasStore() bool { return c.hub.opts.Store != nil }

// append adds an event to the log of a hub without a store.
func (c *Channel) append(ev Event) Position {
	position := c.log.Load().append(ev)
	c.hub.wake()
	c.arrivals.tell()
	return position
}

// Recent returns the newest n events that are held, oldest first, and the position after the
// newest. The client of a page that shows these events subscribes from that position. The Index of
// an event has only what queries match. The Data of the events shares memory with the bytes that all
// readers are sent, and must not be changed.
func (c *Channel) Recent(n int) (events []Event, tip Position) { return c.log.Load().recent(max(n, 0)) }

// Tip returns the position after the newest event.
func (c *Channel) Tip() Position {
	l := c.log.Load()
	return Position{l.epoch, l.head.Load()}
}
