package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrDetached is returned for an event that is published after [Hub.Detach].
var ErrDetached = errors.New("hub: detached from its store")

// maxWaiting is how many events of a channel can wait to be stored. A publisher of more events
// has to wait (backpressure).
const maxWaiting = 256

// outbox holds the events of a channel that wait to be stored. All that wait at the same time
// are one Append, so that one write to a disk, or one request to a server, serves many events.
// A goroutine appends them, as long as there are any.
type outbox struct {
	// Set when it is made, never changed.
	channel *Channel
	room    chan struct{} // holds an item for each event that waits

	mu sync.Mutex

	// Guarded by mu.
	waiting []outgoing
	running bool     // a goroutine appends what waits
	newest  Position // of the events that were stored
	closed  bool
}

// outgoing is an event that waits to be stored or, without a Name, a request to be told once
// all events before it are stored.
type outgoing struct {
	event Event
	done  chan<- stored // gets the result, with room for it; nil if nobody waits
}

// stored is the result of an Append for one event.
type stored struct {
	at  Position
	err error
}

func newOutbox(c *Channel) *outbox {
	return &outbox{channel: c, room: make(chan struct{}, maxWaiting)}
}

// put adds an event that was prepared. It waits while the outbox is full.
func (o *outbox) put(ctx context.Context, ev Event, done chan<- stored) error {
	select {
	case o.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-o.channel.hub.storage.ctx.Done():
		return ErrDetached
	}
	err := o.add(outgoing{ev, done})
	if err != nil {
		<-o.room
	}
	return err
}

func (o *outbox) add(item outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return ErrDetached
	}
	o.enqueue(item)
	return nil
}

// enqueue starts the goroutine that appends, unless it runs already. o.mu is held.
func (o *outbox) enqueue(item outgoing) {
	o.waiting = append(o.waiting, item)
	if !o.running {
		o.running = true
		o.channel.hub.storage.work.Go(o.run)
	}
}

// publish adds an event, and waits until it is stored.
func (o *outbox) publish(ctx context.Context, ev Event) (Position, error) {
	done := make(chan stored, 1)
	if err := o.put(ctx, ev, done); err != nil {
		return Position{}, err
	}
	return await(ctx, done)
}

// flush waits until all events that were added before are stored. If last is set, it also
// refuses further events.
func (o *outbox) flush(ctx context.Context, last bool) error {
	done := make(chan stored, 1)
	o.mu.Lock()
	o.closed = o.closed || last
	if o.running {
		o.enqueue(outgoing{done: done})
	} else {
		done <- stored{}
	}
	o.mu.Unlock()
	_, err := await(ctx, done)
	return err
}

func await(ctx context.Context, done <-chan stored) (Position, error) {
	select {
	case s := <-done:
		return s.at, s.err
	case <-ctx.Done():
		return Position{}, fmt.Errorf("hub: not stored yet: %w", ctx.Err())
	}
}

// run appends what waits, until nothing does.
func (o *outbox) run() {
	for {
		o.mu.Lock()
		batch := o.waiting
		o.waiting, o.running = nil, len(batch) > 0
		o.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		if refused, err := o.append(batch); refused > 0 {
			o.channel.hub.opts.Log.Error("events not stored", "channel", o.channel.name, "events", refused, "err", err)
		}
	}
}

// note records that events are stored at these positions, which need not be in order: see Event.Once.
func (o *outbox) note(positions []Position) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, at := range positions {
		if at.Epoch != o.newest.Epoch || at.Offset > o.newest.Offset {
			o.newest = at
		}
	}
}

func (o *outbox) newestStored() Position {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.newest
}

// append appends a batch. If the store refuses it, each event is appended by itself, so that
// one that is refused doesn't take others with it. It returns how many were refused, and the error
// about the last of them.
func (o *outbox) append(batch []outgoing) (refused int, err error) {
	events := make([]Event, 0, len(batch))
	for _, item := range batch {
		if item.event.Name != "" {
			events = append(events, item.event)
		}
	}
	ctx := o.channel.hub.storage.ctx
	var positions []Position
	if len(events) > 0 {
		positions, err = o.channel.hub.opts.Store.Append(ctx, o.channel.name, events)
	}
	if err != nil && len(events) > 1 && ctx.Err() == nil {
		for _, item := range batch {
			if n, failed := o.append([]outgoing{item}); n > 0 {
				refused, err = refused+n, failed
			}
		}
		return refused, err
	}
	if err != nil {
		refused = len(events)
	}
	o.note(positions)
	for _, item := range batch {
		var at Position
		if item.event.Name != "" {
			<-o.room
			if err == nil {
				at, positions = positions[0], positions[1:]
			}
		}
		if item.done != nil {
			item.done <- stored{at, err}
		}
	}
	return refused, err
}
