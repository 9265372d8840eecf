package hub

import (
	"context"
	"fmt"
	"time"
)

// Broker gives the events of several hubs, each in its own process, one order. All of
// these hubs then show the same log, so a client may reconnect to any of them.
type Broker interface {
	// Append stores an event and gives it a position: the offset after that of the
	// channel's newest event, in the same epoch. It must store Name, Key, Data and Erase,
	// and replace each earlier event that it holds by what [Event.RewrittenBy] returns.
	Append(ctx context.Context, channel string, ev Event) (Position, error)

	// Follow calls deliver with the channel's events after a position, in order, each
	// with its own position, until ctx ends or the broker fails. The zero Position, and
	// one of an older epoch, stand for the beginning of what the broker holds.
	Follow(ctx context.Context, channel string, after Position, deliver func(Event)) error
}

const followAgain = time.Second // from the end of a Follow to the next one

// followAll has every channel follow the broker until ctx ends, also channels that are
// made later.
func (h *Hub) followAll(ctx context.Context) {
	if h.opts.Broker == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.onChannel = func(c *Channel) { h.work.Go(func() { c.follow(ctx) }) }
	for _, c := range h.channels {
		h.onChannel(c)
	}
}

// follow delivers the broker's events, and follows again whenever the broker fails. An
// error that repeats is logged once.
func (c *Channel) follow(ctx context.Context) {
	logged := ""
	for ctx.Err() == nil {
		tip := c.Tip()
		err := c.hub.opts.Broker.Follow(ctx, c.name, tip.orBeginning(), c.deliver)
		if c.Tip() != tip {
			logged = "" // it has worked in between
		}
		if text := fmt.Sprint(err); ctx.Err() == nil && text != logged {
			logged = text
			c.hub.opts.Log.Warn("broker failed, following it again", "channel", c.name, "err", err, "in", followAgain)
		}
		select {
		case <-ctx.Done():
		case <-time.After(followAgain):
		}
	}
}

// orBeginning returns the zero Position for an empty log: its epoch is this hub's own, and
// the broker doesn't know it.
func (p Position) orBeginning() Position {
	if p.Offset == 0 {
		return Position{}
	}
	return p
}

// deliver adds an event at its own position. One that the log has already is ignored. If
// events are missing before it, or its epoch is another one, the readers get a notice.
func (c *Channel) deliver(ev Event) {
	_, err := ParsePosition(ev.Position.String())
	if err == nil {
		err = ev.prepare()
	}
	if err != nil {
		c.hub.opts.Log.Warn("broker delivered an invalid event", "channel", c.name, "position", ev.Position, "err", err)
		return
	}
	l := c.log.Load()
	if ev.Position.Epoch == l.epoch {
		l.insert(ev)
	} else {
		next := newLog(c, ev.Position.Epoch)
		next.insert(ev)
		c.log.Store(next)
	}
	c.hub.wake()
}
