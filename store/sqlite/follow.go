package sqlite

import (
	"context"

	"nagare/hub"
)

// follower is a call of Follow.
type follower struct {
	channel string
	tip     hub.Position // of the last delivery
	deliver func(hub.Position, []hub.Event)
}

// Follow implements hub.Store.
func (s *Store) Follow(ctx context.Context, channel string, after hub.Position, most int, deliver func(hub.Position, []hub.Event)) error {
	f := &follower{channel: channel, deliver: deliver}
	if err := s.begin(ctx, f, after, most); err != nil {
		return err
	}
	defer s.remove(f)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
		return errClosed
	}
}

// begin makes the first delivery, and adds the follower. Meanwhile the goroutine that writes
// delivers nothing, so that nothing falls between the two.
func (s *Store) begin(ctx context.Context, f *follower, after hub.Position, most int) error {
	if _, err := s.channel(ctx, f.channel); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.tips[f.channel]
	from := log.head - min(log.head, uint64(most))
	if after.Epoch == log.epoch && after.Offset <= log.head {
		from = max(from, after.Offset)
	}
	events, err := s.events(ctx, log, from, log.head)
	if isDamage(err) {
		events, err = s.readable(ctx, log, from)
	}
	if err != nil {
		return err
	}
	f.tip = log.position(log.head)
	f.deliver(f.tip, events)
	s.followers[f] = true
	return nil
}

func (s *Store) remove(f *follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.followers, f)
}

// deliver passes on what a transaction has stored, all events of a channel at once.
func (s *Store) deliver(done []written) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range done {
		if w.channel != "" {
			s.tips[w.channel] = w.log
		}
	}
	for f := range s.followers {
		var events []hub.Event
		for _, w := range done {
			if w.channel == f.channel && len(w.events) > 0 && w.events[len(w.events)-1].Position.Offset > f.tip.Offset {
				events = append(events, w.events...)
			}
		}
		if len(events) > 0 {
			f.tip = events[len(events)-1].Position
			f.deliver(f.tip, events)
		}
	}
}
