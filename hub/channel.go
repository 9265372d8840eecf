package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
)

// Channel is a named log that clients subscribe to. Its methods are safe for concurrent
// use.
type Channel struct {
	// Set by Hub.Channel, never changed.
	hub  *Hub
	name string

	// Safe for concurrent use.
	log atomic.Pointer[log] // replaced only if a broker changes the epoch
}

// Trigger publishes an event to all subscribers, also to those that will subscribe from
// an earlier position. The data is anything that encoding/json can encode; nil stands
// for {}.
func (c *Channel) Trigger(ctx context.Context, event string, data any) (Position, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return Position{}, fmt.Errorf("hub: trigger %s: %w", event, err)
	}
	return c.Publish(ctx, Event{Name: event, Data: raw})
}

// Publish is Trigger for an event with encoded data, or with a Key. It returns
// ErrTooLarge if the data is over 16 KiB.
func (c *Channel) Publish(ctx context.Context, ev Event) (Position, error) {
	if err := ctx.Err(); err != nil {
		return Position{}, err
	}
	if err := ev.prepare(); err != nil {
		return Position{}, err
	}
	if b := c.hub.opts.Broker; b != nil {
		return b.Append(ctx, c.name, ev)
	}
	position := c.log.Load().append(ev)
	c.hub.wake()
	return position, nil
}

// Recent returns the newest n events that are held, oldest first, and the position after the
// newest. The client of a page that shows these events subscribes from that position. The Data
// of the events shares memory with the bytes that all readers are sent, and must not be
// changed.
func (c *Channel) Recent(n int) (events []Event, tip Position) { return c.log.Load().recent(max(n, 0)) }

// Tip returns the position after the newest event.
func (c *Channel) Tip() Position {
	l := c.log.Load()
	return Position{l.epoch, l.head.Load()}
}
