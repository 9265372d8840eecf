package redis

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"nagare/hub"
)

const (
	// blockTime is how long the server holds a read while there is no new event. After each read,
	// the script compares what this process has seen with what the server has.
	blockTime = 2 * time.Second

	readBatch = 100 // events in one reply
)

// Follow implements [hub.Store]. It waits for events on a connection of its own, because a command
// that blocks holds up the others on its connection.
func (s *Store) Follow(ctx context.Context, channel string, after hub.Position, most int, deliver func(hub.Position, []hub.Event)) error {
	waiting := s.connect(followConnections)
	defer waiting.Close()
	defer context.AfterFunc(ctx, func() { waiting.Close() })() // go-redis doesn't end a read when ctx ends
	at, first := fromHub(after), true
	for {
		tip, events, err := s.readAll(ctx, channel, at, most)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case at.epoch == 0:
			s.options.Log.Info("store opened", "channel", channel, "offset", tip.offset)
		case tip.epoch != at.epoch:
			s.options.Log.Warn("a new epoch because Redis has lost events, or may have", "channel", channel, "offset", tip.offset)
		}
		if first || len(events) > 0 || tip.epoch != at.epoch {
			deliver(tip.hub(), events)
		}
		if err := s.repair(ctx, channel, tip.epoch); err != nil {
			return err
		}
		s.seeErasures(channel, events)
		at, first = tip, false
		if err := s.await(ctx, waiting, channel, at); err != nil {
			return err
		}
	}
}

// readAll reads all events after a position, but at most so many of the newest ones.
func (s *Store) readAll(ctx context.Context, channel string, after position, most int) (tip position, events []hub.Event, err error) {
	tip = after
	for {
		next, batch, full, err := s.read(ctx, channel, tip, most)
		if err != nil {
			return position{}, nil, err
		}
		if next.epoch != tip.epoch {
			events = nil // read in the epoch that has ended meanwhile
		}
		tip, events = next, append(events, batch...)
		if !full {
			return tip, events[max(0, len(events)-most):], nil
		}
	}
}

// read reads one batch of events. It reports whether there may be more.
func (s *Store) read(ctx context.Context, channel string, after position, most int) (tip position, events []hub.Event, more bool, err error) {
	reply, err := s.run(ctx, channel, "read", after.epoch, after.offset, readBatch, most)
	for err == nil && held(reply) > 0 {
		if err = pause(ctx, held(reply)); err == nil {
			reply, err = s.run(ctx, channel, "read", after.epoch, after.offset, readBatch, most)
		}
	}
	if err != nil {
		return position{}, nil, false, err
	}
	const fields = 8
	if len(reply) < 2 || (len(reply)-2)%fields != 0 {
		return position{}, nil, false, errReply
	}
	if tip, err = parsePosition(reply[0], reply[1]); err != nil {
		return position{}, nil, false, err
	}
	for rest := reply[2:]; len(rest) > 0; rest = rest[fields:] {
		at, err := parsePosition(reply[0], rest[0])
		if err != nil {
			return position{}, nil, false, err
		}
		at.nonce = rest[1]
		s.see(channel, at)
		index, err := s.parseIndex("", rest[6], rest[7])
		if err != nil {
			return position{}, nil, false, err
		}
		events = append(events, hub.Event{
			Name: rest[2], Key: rest[3], Erase: rest[4] != "", Data: []byte(rest[5]), Index: &index, Position: at.hub(),
		})
		if len(rest) == fields && at.offset < tip.offset {
			tip, more = at, true
		}
	}
	return tip, events, more, nil
}

// await waits until the server has an event after a position, but at most blockTime.
func (s *Store) await(ctx context.Context, waiting redis.UniversalClient, channel string, at position) error {
	err := waiting.Do(ctx, "xread", "count", 1, "block", blockTime.Milliseconds(), "streams", s.key(channel)+":log", at.id()).Err()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return s.note(ctx, "await", err)
}
