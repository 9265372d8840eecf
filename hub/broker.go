package hub

import (
	"context"
	"fmt"
	"time"
)

// Broker puts the events of several hubs, each in its own process, into one order. All of
// these hubs then have the same log, so a client can reconnect to any of them.
type Broker interface {
	// Append stores the Name, Key, Data and Erase of an event and returns its position: the
	// offset after that of the channel's newest event, in the same epoch. It replaces each
	// earlier event that the broker holds by the result of [Event.RewrittenBy].
	Append(ctx context.Context, channel string, ev Event) (Position, error)

	// Follow calls deliver with the channel's events after a position, in order, each with its
	// own position, until ctx ends or the broker fails. If after is the zero Position, or of
	// an older epoch, Follow begins with the oldest event that the broker holds.
	Follow(ctx context.Context, channel string, after Position, deliver func(Event)) error
}

const followAgain = time.Second // wait from the end of one Follow to the next

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
			logged = "" // events have arrived since the last error
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

// orBeginning returns p or, if p is the position of an empty log, the zero Position, which
// stands for the oldest event of the broker. The epoch of an empty log is this hub's own, and
// unknown to the broker.
func (p Position) orBeginning() Position {
	if p.Offset == 0 {
		return Position{}
	}
	return p
}

// deliver adds an event of the broker at the event's own position. An event that the log
// already has is ignored. If events before it are missing, or the epoch has changed, the
// readers get a notice.
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
