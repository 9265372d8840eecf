package hub

import (
	"context"
	"fmt"
	"time"
)

// Broker gives the events of several hubs, each in a process of its own, one order.
// All of them then show the same log, so a client that comes back with its position may
// come to any of them.
type Broker interface {
	// Append keeps an event and gives it its position: in one epoch, the offset after
	// that of the channel's newest. It must keep Name, Key, Data and Erase.
	Append(ctx context.Context, channel string, ev Event) (Position, error)

	// Follow calls deliver with the channel's events after a position, each with its
	// own and in their order, until ctx ends or it fails. The zero Position and one of
	// an epoch that is over stand for the beginning of what is held.
	Follow(ctx context.Context, channel string, after Position, deliver func(Event)) error
}

const againAfter = time.Second // that a Follow has ended

// followAll has every channel follow the broker until ctx ends, also those made later.
func (h *Hub) followAll(ctx context.Context) {
	if h.opts.Broker == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made = func(c *Channel) { h.work.Go(func() { c.follow(ctx) }) }
	for _, c := range h.channels {
		h.made(c)
	}
}

// follow takes what the broker has, again after a while each time that it fails. A
// failure is told once for as long as it is the same.
func (c *Channel) follow(ctx context.Context) {
	for told := ""; ctx.Err() == nil; {
		tip := c.Tip()
		after := tip
		if tip.Offset == 0 {
			after = Position{} // nobody knows the epoch of what is empty
		}
		err := c.hub.opts.Broker.Follow(ctx, c.name, after, c.deliver)
		if c.Tip() != tip {
			told = "" // it has worked
		}
		if what := fmt.Sprint(err); ctx.Err() == nil && what != told {
			told = what
			c.hub.opts.Log.Warn("broker failed, following it again", "channel", c.name, "err", err, "in", againAfter)
		}
		select {
		case <-ctx.Done():
		case <-time.After(againAfter):
		}
	}
}

// deliver enters an event at its own position. One that is there already is ignored;
// one that is missing is announced to the readers, as is another epoch.
func (c *Channel) deliver(ev Event) {
	_, err := ParsePosition(ev.Position.String())
	if err == nil {
		err = ev.prepare()
	}
	if err != nil {
		c.hub.opts.Log.Warn("broker delivered what can't be sent", "channel", c.name, "position", ev.Position, "err", err)
		return
	}
	l := c.log.Load()
	if ev.Position.Epoch == l.epoch {
		l.insert(ev)
	} else {
		next := &log{channel: c, epoch: ev.Position.Epoch}
		next.insert(ev)
		c.log.Store(next)
	}
	c.hub.wake()
}
