package store

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"

	"nagare/hub"
)

const (
	memoryEvents  = 1_000   // events that a Memory keeps of each channel, as many as the log of a hub
	memoryBytes   = 8 << 20 // bytes of the Data of their records
	memoryRecords = 50_000  // records that a Memory knows at least by their Key
)

// Memory is a [Store] in the memory of the process. It keeps as many events as the log of a hub
// does. Of older records it knows only the positions, up to 50,000. The zero value is an empty
// store.
type Memory struct {
	mu       sync.Mutex
	channels map[string]*memoryChannel
	texts    map[string]string
}

// memoryChannel is a channel of a Memory. Memory.mu guards all of it.
type memoryChannel struct {
	epoch     string
	head      uint64        // offset of the newest event
	events    []memoryEvent // with consecutive offsets up to head
	records   []*memoryRecord
	byKey     map[string]*memoryRecord   // of several records with one Key, the newest
	byName    map[string][]*memoryRecord // by Key and Names
	size      int                        // bytes of the Data of records that events refer to
	followers map[*follower]bool
}

type memoryEvent struct {
	name   string
	stored time.Time
	record *memoryRecord
}

// memoryRecord is a record. An event without a Key has a record of its own.
type memoryRecord struct {
	Record
	tombstone string // name of the event that erased the record
}

// follower is the function to which a call of Follow delivers.
type follower func(hub.Position, []hub.Event)

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

// add adds an event, and makes it the state of its record.
func (c *memoryChannel) add(ev hub.Event) {
	r := c.byKey[ev.Key]
	if r == nil || r.Erased {
		r = &memoryRecord{Record: Record{Key: ev.Key, First: ev.Position}}
		c.records = append(c.records, r)
	}
	c.events = append(c.events, memoryEvent{ev.Name, time.Now(), r})
	c.size += len(ev.Data) - len(r.Data)
	index := hub.Index{}
	if ev.Index != nil {
		index = *ev.Index
	}
	if ev.Erase {
		r.Erased, r.tombstone, index = true, ev.Name, hub.Index{Names: index.Names}
	}
	c.unlink(r)
	r.Last, r.Data, r.Index = ev.Position, ev.Data, index
	c.link(r)
}

// listed reports whether Records can return the record.
func (r *memoryRecord) listed() bool { return !r.Erased && r.Key != "" && !r.Index.Time.IsZero() }

// names are the Key and the Names of the record, each once.
func (r *memoryRecord) names() []string {
	if r.Key == "" {
		return nil
	}
	names := append([]string{r.Key}, r.Index.Names...)
	slices.Sort(names)
	return slices.Compact(names)
}

func (c *memoryChannel) link(r *memoryRecord) {
	for _, name := range r.names() {
		c.byName[name] = append(c.byName[name], r)
	}
	if r.Key != "" {
		c.byKey[r.Key] = r
	}
}

func (c *memoryChannel) unlink(r *memoryRecord) {
	for _, name := range r.names() {
		rest := slices.DeleteFunc(c.byName[name], func(other *memoryRecord) bool { return other == r })
		if c.byName[name] = rest; len(rest) == 0 {
			delete(c.byName, name)
		}
	}
	if c.byKey[r.Key] == r {
		delete(c.byKey, r.Key)
	}
}

// trim drops the oldest events, and the state of records without an event, but never the
// newest event. Then it forgets the oldest records.
func (c *memoryChannel) trim() {
	for len(c.events) > memoryEvents || c.size > memoryBytes && len(c.events) > 1 {
		r, tail := c.events[0].record, c.tail()
		c.events[0] = memoryEvent{}
		c.events = c.events[1:]
		if r.Last.Offset == tail {
			c.size -= len(r.Data)
			c.unlink(r)
			if r.Data = nil; !r.Erased { // a tombstone keeps its names
				r.Index = hub.Index{}
			}
			c.link(r)
		}
	}
	for len(c.records) > memoryRecords && c.records[0].Last.Offset < c.tail() {
		c.unlink(c.records[0])
		c.records[0] = nil
		c.records = c.records[1:]
	}
}

// tail is the offset of the oldest event, or head+1 if there is none.
func (c *memoryChannel) tail() uint64 { return c.head + 1 - uint64(len(c.events)) }

func (c *memoryChannel) tip() hub.Position { return hub.Position{Epoch: c.epoch, Offset: c.head} }

// after returns the events after an offset, as their records are now.
func (c *memoryChannel) after(offset uint64) []hub.Event {
	var events []hub.Event
	for i := max(offset+1, c.tail()); i <= c.head; i++ {
		e := c.events[i-c.tail()]
		index := e.record.Index
		ev := hub.Event{Name: e.name, Key: e.record.Key, Data: e.record.Data, Erase: e.record.Erased, Index: &index}
		if ev.Erase {
			ev.Name = e.record.tombstone
		}
		ev.Position = hub.Position{Epoch: c.epoch, Offset: i}
		events = append(events, ev)
	}
	return events
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

// Get implements [Store].
func (m *Memory) Get(name string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, found := m.texts[name]
	return text, found, nil
}

// Put implements [Store].
func (m *Memory) Put(name, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.texts == nil {
		m.texts = map[string]string{}
	}
	m.texts[name] = text
	return nil
}

// Health implements [Store].
func (m *Memory) Health() error { return nil }

// Close implements [Store].
func (m *Memory) Close() error { return nil }
