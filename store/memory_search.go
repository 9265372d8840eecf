package store

import (
	"context"
	"slices"

	"nagare/hub"
)

// Records implements [Store]. It looks at all records.
func (m *Memory) Records(_ context.Context, channel string, q Query) (records []Record, older hub.Position, err error) {
	candidates, err := m.newest(channel, q.Before)
	for _, r := range candidates {
		switch {
		case !q.Accepts(&r.Index):
		case len(records) == q.Limit:
			return records, older, nil
		default:
			records, older = append(records, r), r.First
		}
	}
	return records, hub.Position{}, err
}

// newest returns the records before a position that queries can find, newest first. They are matched
// later, without the lock, so that a query doesn't hold up new events.
func (m *Memory) newest(channel string, before hub.Position) (records []Record, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channel(channel)
	if before == (hub.Position{}) {
		before = hub.Position{Epoch: c.epoch, Offset: c.head + 1}
	}
	if before.Epoch != c.epoch {
		return nil, ErrEpoch
	}
	for _, r := range slices.Backward(c.records) {
		if r.First.Offset < before.Offset && r.listed() {
			records = append(records, r.Record)
		}
	}
	return records, nil
}
