package store

import (
	"context"
	"time"

	"nagare/hub"
)

// Bounds returns the times that bound n intervals of one length, the first of which begins at from.
func Bounds(from time.Time, step time.Duration, n int) []time.Time {
	bounds := make([]time.Time, 0, n+1)
	for i := range n + 1 {
		bounds = append(bounds, from.Add(time.Duration(i)*step))
	}
	return bounds
}

// Counts implements [Store].
func (m *Memory) Counts(_ context.Context, channel string, from time.Time, step time.Duration, n int) ([]int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts, c := make([]int, n), m.channel(channel)
	for i, e := range c.events {
		since, r := e.stored.Sub(from), e.record
		at := hub.Position{Epoch: c.epoch, Offset: c.tail() + uint64(i)}
		if since >= 0 && since < time.Duration(n)*step && r.First == at && r.listed() {
			counts[since/step]++
		}
	}
	return counts, nil
}
