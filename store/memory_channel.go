package store

import (
	"slices"
	"time"

	"nagare/hub"
)

const (
	memoryEvents  = 1_000   // events that a Memory keeps of each channel, as many as the log of a hub
	memoryBytes   = 8 << 20 // bytes of the Data of their records
	memoryRecords = 50_000  // records that a Memory knows at least by their Key
)

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
