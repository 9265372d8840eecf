package hub

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Store gives the events of channels their positions, and keeps them. The log of a channel
// then holds the newest part of what the store keeps, and begins with it after a restart.
// Several hubs, each in its own process, can share a store. All of them then have the same
// log, so a client can reconnect to any of them.
//
// A position means the same event on every hub and for ever, except that the event can be
// rewritten. If a store may have lost events whose positions some reader has, it must change
// the epoch.
type Store interface {
	// Append gives events of a channel the next offsets of the channel's epoch, in order, and
	// stores all of them or none. It returns their positions once they are stored as firmly as
	// the store promises. Before that, the store delivers none of them to a follower.
	//
	// The store keeps Name, Data, Key, Erase and Index. An event rewrites the earlier events
	// with its Key, as [Event.RewrittenBy] says: afterwards the store delivers and returns only
	// the result, and holds no earlier state. If Once is set and the store knows the Key, also
	// as that of an erased record, the event is not stored, and its position is that of the
	// first event with the Key. If Amends is set and the record is erased, the event is not stored
	// either, and its position is that of the tombstone.
	//
	// While the store can't take events, for example because a disk is full or a server is
	// away, Append waits, and tries again until ctx ends. If ctx ends meanwhile, the events may
	// be stored or not. Any other error means that the store will never take one of the
	// events, and that none is stored.
	//
	// A hub appends to a channel from one goroutine at a time.
	Append(ctx context.Context, channel string, events []Event) ([]Position, error)

	// Follow delivers the events of a channel after a position, in order and each once, until
	// ctx ends or the store fails. Each event has its position. Its Index has at least Text, Terms
	// and Time, if its record has a Time and is not erased. The tip is the position of the last of the
	// delivered events.
	//
	// The first delivery follows at once, even if there is no event to deliver: the tip is then
	// the position after the newest event. It brings all events after the position, or the
	// newest most events, if there are more than most, if the position is the zero Position or
	// of another epoch, or if the store doesn't know it. Later deliveries follow each Append, of
	// this hub or of another one. A delivery with another epoch means that a new epoch has
	// begun, with or without events.
	//
	// deliver must not be called by two goroutines at once, nor after Follow has returned.
	Follow(ctx context.Context, channel string, after Position, most int, deliver func(tip Position, events []Event)) error
}

const followAgain = time.Second // wait from the end of one Follow to the next

// storage is what the hub's use of its store has in common over all channels.
type storage struct {
	// Set by New, never changed.
	ctx  context.Context // ends with the use of the store
	stop context.CancelFunc

	// Safe for concurrent use.
	work sync.WaitGroup // one for each goroutine that uses the store
}

// followAll has every channel follow the store until Detach, also channels that are made
// later.
func (h *Hub) followAll() {
	if h.opts.Store == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.detached {
		return
	}
	h.onChannel = func(c *Channel) { h.storage.work.Go(func() { c.follow(h.storage.ctx) }) }
	for _, c := range h.channels {
		h.onChannel(c)
	}
}

// Detach ends the hub's use of its store, which can be closed afterwards. It first waits until
// all published events are stored, or ctx ends, and returns an error if some are not. The hub
// goes on serving its connections from memory. Run calls Detach at its end, if it was not
// called before.
func (h *Hub) Detach(ctx context.Context) error {
	if h.opts.Store == nil {
		return nil
	}
	h.mu.Lock()
	h.detached, h.onChannel = true, nil
	channels := slices.Collect(maps.Values(h.channels))
	h.mu.Unlock()
	var err error
	for _, c := range channels {
		if failed := c.outbox.flush(ctx, true); failed != nil {
			err = failed
		}
	}
	h.storage.stop()
	h.storage.work.Wait()
	return err
}

// follow delivers the store's events, and follows again whenever the store fails. An error
// that repeats is logged once.
func (c *Channel) follow(ctx context.Context) {
	logged := ""
	for ctx.Err() == nil {
		tip := c.Tip()
		after := tip
		if !c.isLoaded() {
			after = Position{} // the epoch of a log that was never loaded is this hub's own
		}
		err := c.hub.opts.Store.Follow(ctx, c.name, after, c.hub.opts.Ring, c.deliver)
		c.followed.Do(func() { close(c.firstTry) })
		if c.Tip() != tip {
			logged = "" // events have arrived since the last error
		}
		if text := fmt.Sprint(err); ctx.Err() == nil && text != logged {
			logged = text
			c.hub.opts.Log.Warn("store failed, following it again", "channel", c.name, "err", err, "in", followAgain)
		}
		select {
		case <-ctx.Done():
		case <-time.After(followAgain):
		}
	}
}

// Loaded waits until the log holds the newest events of the store, or the first attempt to
// load them has failed. It returns at once if the hub has no store.
func (c *Channel) Loaded(ctx context.Context) error {
	if c.hub.opts.Store == nil {
		return nil
	}
	select {
	case <-c.firstTry:
	case <-ctx.Done():
	}
	if !c.isLoaded() {
		return fmt.Errorf("hub: the events of %s are not loaded yet", c.name)
	}
	return nil
}

func (c *Channel) isLoaded() bool { return c.loaded.Load() }

// deliver adds events of the store at their own positions. An event that the log already has
// is ignored. If events are missing, or the epoch has changed, the readers get a notice.
func (c *Channel) deliver(tip Position, events []Event) {
	if _, err := ParsePosition(tip.String()); err != nil {
		c.hub.opts.Log.Warn("store delivered an invalid position", "channel", c.name, "position", tip)
		return
	}
	valid := make([]Event, 0, len(events))
	for _, ev := range events {
		err := ev.prepare()
		if err == nil && (ev.Position.Epoch != tip.Epoch || ev.Position.Offset > tip.Offset) {
			err = fmt.Errorf("hub: position %v, want one up to %v", ev.Position, tip)
		}
		if err != nil {
			c.hub.opts.Log.Warn("store delivered an invalid event", "channel", c.name, "position", ev.Position, "err", err)
			continue
		}
		valid = append(valid, ev)
	}
	l := c.log.Load()
	if tip.Epoch == l.epoch {
		l.insert(tip.Offset, valid)
	} else {
		next := newLog(c, tip.Epoch)
		next.insert(tip.Offset, valid)
		c.log.Store(next)
	}
	c.loaded.Store(true)
	c.followed.Do(func() { close(c.firstTry) })
	c.hub.wake()
	c.arrivals.tell()
}
