package redis

import (
	"context"
	"strconv"
	"time"

	"nagare/hub"
	"nagare/store"
)

// At implements [store.Store].
func (s *Store) At(ctx context.Context, channel string, at time.Time) (hub.Position, error) {
	reply, err := s.run(ctx, channel, "at", at.UnixMilli())
	if err != nil {
		return hub.Position{}, err
	}
	if len(reply) != 2 {
		return hub.Position{}, errReply
	}
	p, err := parsePosition(reply[0], reply[1])
	return p.hub(), err
}

// Counts implements [store.Store].
func (s *Store) Counts(ctx context.Context, channel string, from time.Time, step time.Duration, n int) ([]int, error) {
	var bounds []any
	for _, bound := range store.Bounds(from, step, n) {
		bounds = append(bounds, bound.UnixMilli())
	}
	reply, err := s.run(ctx, channel, "counts", bounds...)
	if err != nil {
		return nil, err
	}
	if len(reply) != n {
		return nil, errReply
	}
	counts := make([]int, n)
	for i, text := range reply {
		if counts[i], err = strconv.Atoi(text); err != nil {
			return nil, errReply
		}
	}
	return counts, nil
}
