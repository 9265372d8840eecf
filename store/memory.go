package store

import (
	"context"
	"strconv"
	"sync"
	"time"

	"nagare/hub"
)

// Memory is a [Store] in the memory of the process. It keeps as many events as the log of a hub
// does. Of older records it knows only the positions, up to 50,000. The zero value is an empty
// store.
type Memory struct {
	mu       sync.Mutex
	channels map[string]*memoryChannel
	texts    map[string]string
}

// NewEpoch makes an epoch from the time, so that no log had it before.
func NewEpoch() string { return strconv.FormatInt(time.Now().UnixNano(), 36) }

// channel returns the channel of that name. m.mu is held.
func (m *Memory) channel(name string) *memoryChannel {
	c := m.channels[name]
	if c == nil {
		if m.channels == nil {
			m.channels = map[string]*memoryChannel{}
		}
		c = &memoryChannel{
			epoch: NewEpoch(), byKey: map[string]*memoryRecord{}, byName: map[string][]*memoryRecord{}, followers: map[*follower]bool{},
		}
		m.channels[name] = c
	}
	return c
}

// Append implements [hub.Store].
func (m *Memory) Append(_ context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channel(channel)
	positions := make([]hub.Position, 0, len(events))
	stored := make([]hub.Event, 0, len(events))
	for _, ev := range events {
		if r := c.byKey[ev.Key]; r != nil && (ev.Once || ev.Amends && r.Erased) {
			at := r.First
			if ev.Amends {
				at = r.Last
			}
			positions = append(positions, at)
			continue
		}
		c.head++
		ev.Position = hub.Position{Epoch: c.epoch, Offset: c.head}
		c.add(ev)
		positions, stored = append(positions, ev.Position), append(stored, ev)
	}
	c.trim()
	if len(stored) > 0 {
		for deliver := range c.followers {
			(*deliver)(c.tip(), stored)
		}
	}
	return positions, nil
}

// Follow implements [hub.Store].
func (m *Memory) Follow(ctx context.Context, channel string, after hub.Position, most int, deliver func(hub.Position, []hub.Event)) error {
	m.mu.Lock()
	c := m.channel(channel)
	from := c.head - min(c.head, uint64(most))
	if after.Epoch == c.epoch && after.Offset <= c.head {
		from = max(from, after.Offset)
	}
	deliver(c.tip(), c.after(from))
	f := follower(deliver)
	c.followers[&f] = true
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(c.followers, &f)
	return ctx.Err()
}

// Get implements [Store].
func (m *Memory) Get(name string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, found := m.texts[name]
	return text, found, nil
}

// Put implements [Store].
func (m *Memory) Put(_ context.Context, name, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(name, text)
	return nil
}

// Replace implements [Store].
func (m *Memory) Replace(_ context.Context, name, before, text string) (done bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.texts[name] != before {
		return m.texts[name] == text, nil
	}
	m.put(name, text)
	return true, nil
}

// put stores a text. m.mu is held.
func (m *Memory) put(name, text string) {
	if m.texts == nil {
		m.texts = map[string]string{}
	}
	m.texts[name] = text
}

// Health implements [Store].
func (m *Memory) Health() error { return nil }

// Close implements [Store].
func (m *Memory) Close() error { return nil }
