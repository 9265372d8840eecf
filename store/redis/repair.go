package redis

import (
	"context"

	"nagare/hub"
)

// mostErasures is how many of the newest erasures of a channel a process can repeat.
const mostErasures = 1_000

// seen is what this process has seen of a channel. It is guarded by Store.mu.
type seen struct {
	newest position

	// If a server loses the newest events, it loses erasures with them, and what they erased is
	// back. So each process repeats in a new epoch those that it has seen.
	erasures []hub.Event // the newest last
	repaired uint64      // the newest epoch in which they are known to be repeated
}

// channel returns what this process has seen of a channel. s.mu is held.
func (s *Store) channel(name string) *seen {
	if s.seen[name] == nil {
		s.seen[name] = &seen{}
	}
	return s.seen[name]
}

// newest returns the newest position of a channel that this process has seen.
func (s *Store) newest(channel string) position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.channel(channel).newest
}

// see notes that this process has seen a position.
func (s *Store) see(channel string, p position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channel(channel); c.newest.before(p) {
		c.newest = p
	}
}

// seeErasures notes the erasures among events.
func (s *Store) seeErasures(channel string, events []hub.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	for _, ev := range events {
		if ev.Erase {
			c.erasures = append(c.erasures, ev)
		}
	}
	if excess := len(c.erasures) - mostErasures; excess > 0 {
		c.erasures = append([]hub.Event(nil), c.erasures[excess:]...)
	}
}

// repair erases again what is not erased any more, if the epoch is new.
func (s *Store) repair(ctx context.Context, channel string, epoch uint64) error {
	s.mu.Lock()
	c := s.channel(channel)
	erasures := c.erasures
	if c.repaired == epoch {
		erasures = nil
	}
	s.mu.Unlock()
	lost, err := s.lost(ctx, channel, erasures)
	if err == nil {
		_, err = s.Append(ctx, channel, lost)
	}
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		c.repaired = epoch
	}
	return err
}

// lost returns the erasures of records that the store has and that are not erased.
func (s *Store) lost(ctx context.Context, channel string, erasures []hub.Event) (lost []hub.Event, err error) {
	if len(erasures) == 0 {
		return nil, nil
	}
	keys, byKey := make([]string, 0, len(erasures)), map[string]hub.Event{}
	for _, ev := range erasures {
		keys, byKey[ev.Key] = append(keys, ev.Key), ev
	}
	records, err := s.Find(ctx, channel, keys...)
	for _, r := range records {
		if ev, is := byKey[r.Key]; is && !r.Erased {
			ev.Index = &hub.Index{Names: r.Index.Names}
			lost = append(lost, ev)
		}
	}
	return lost, err
}
