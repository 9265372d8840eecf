package store

import (
	"context"
	"slices"
	"sort"
	"time"

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

// Find implements [Store].
func (m *Memory) Find(_ context.Context, channel string, names ...string) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channel(channel)
	found := map[*memoryRecord]bool{}
	var records []Record
	for _, name := range names {
		for _, r := range c.byName[name] {
			if !found[r] {
				found[r] = true
				records = append(records, r.Record)
			}
		}
	}
	slices.SortFunc(records, func(a, b Record) int { return int(int64(a.First.Offset) - int64(b.First.Offset)) })
	return records, nil
}

// At implements [Store].
func (m *Memory) At(_ context.Context, channel string, at time.Time) (hub.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channel(channel)
	earlier := sort.Search(len(c.events), func(i int) bool { return !c.events[i].stored.Before(at) })
	return hub.Position{Epoch: c.epoch, Offset: c.tail() - 1 + uint64(earlier)}, nil
}
