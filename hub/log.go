package hub

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// ErrGap means that the log no longer holds the event after a position: the log was trimmed or
// replaced.
var ErrGap = errors.New("hub: the log no longer holds the next event")

// log holds the newest events of a channel, with consecutive offsets, each with its encoded
// bytes.
type log struct {
	// Set when it is made, never changed.
	channel *Channel
	epoch   string
	all     view // of the cursors without a filter

	// Safe to read without mu; written with mu held.
	head atomic.Uint64 // offset of the newest event

	mu sync.RWMutex

	// Guarded by mu.
	held   []*entry          // the last has the offset head
	newest map[string]uint64 // by Key: the offset of the newest event with that Key in held
	size   int               // bytes of the events in held: of their WebSocket frames and Indexes
}

func newLog(c *Channel, epoch string) *log {
	l := &log{channel: c, epoch: epoch, newest: map[string]uint64{}}
	l.all.log = l
	return l
}

func newEpoch() string { return strconv.FormatInt(time.Now().UnixNano(), 36) }

// replaced reports whether the channel has another log by now, of another epoch.
func (l *log) replaced() bool { return l != l.channel.log.Load() }

// append gives ev the next offset and adds it.
func (l *log) append(ev Event) Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(l.head.Load()+1, ev)
}

// insert adds events that have offsets already, up to the given one. It ignores an event that
// the log has had already. If events are missing before another one, or at the end, the log
// drops all that it holds and begins anew.
func (l *log) insert(upTo uint64, events []Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ev := range events {
		if offset := ev.Position.Offset; offset > l.head.Load() {
			l.skip(offset - 1)
			l.add(offset, ev)
		}
	}
	l.skip(upTo)
}

// skip drops what the log holds, if events up to the given offset are missing. l.mu is held.
func (l *log) skip(upTo uint64) {
	if upTo <= l.head.Load() {
		return
	}
	l.held, l.size = nil, 0
	clear(l.newest)
	l.head.Store(upTo)
}

// add makes ev the newest event, rewrites the earlier events with the same Key, and trims the
// log. l.mu is held.
func (l *log) add(offset uint64, ev Event) Position {
	ev.Position, ev.Index = Position{l.epoch, offset}, ev.searched()
	e := newEntry(l.channel.name, ev)
	e.version = l.channel.versions.Add(1)
	if ev.Key != "" {
		l.rewrite(e)
	}
	l.held, l.size = append(l.held, e), l.size+e.size
	l.head.Store(offset)
	l.trim()
	return ev.Position
}

// rewrite makes the new entry e rewrite the earlier events of its record, from the newest to
// the oldest one held. It stops at a tombstone, because all earlier events of the record are
// tombstones too. l.mu is held.
func (l *log) rewrite(e *entry) {
	tail, key := l.tail(), e.event.Key
	e.before, l.newest[key] = l.newest[key], e.event.Position.Offset
	for at := e.before; at >= tail; {
		earlier := l.held[at-tail]
		if earlier.event.Erase {
			return
		}
		l.size += earlier.rewrite(e.event)
		earlier.version = e.version
		at = earlier.before
	}
}

// trim drops the oldest events until the log is within Ring and RingBytes, but never the
// newest event. l.mu is held.
func (l *log) trim() {
	o := &l.channel.hub.opts
	for len(l.held) > o.Ring || l.size > o.RingBytes && len(l.held) > 1 {
		oldest := l.held[0]
		l.size -= oldest.size
		if key := oldest.event.Key; l.newest[key] == oldest.event.Position.Offset {
			delete(l.newest, key)
		}
		l.held[0] = nil // or the array would keep the entry alive until append needs a larger array
		l.held = l.held[1:]
	}
}

// tail is the offset of the oldest event held, or head+1 if no event is held. l.mu is held.
func (l *log) tail() uint64 { return l.head.Load() + 1 - uint64(len(l.held)) }

// read calls f with the events after an offset, in order, until f returns false. It returns
// ErrGap if the first of these events is no longer held, or the log has been replaced.
func (l *log) read(after uint64, f func(*entry) bool) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if after+1 < l.tail() || l.replaced() {
		return ErrGap
	}
	for _, e := range l.held[after+1-l.tail():] {
		if !f(e) {
			break
		}
	}
	return nil
}

// bounds returns the offsets of the oldest and the newest event held, at one moment.
func (l *log) bounds() (tail, head uint64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.tail(), l.head.Load()
}

// recent returns the newest n events, oldest first, and the position after them.
func (l *log) recent(n int) ([]Event, Position) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	newest := l.held[len(l.held)-min(n, len(l.held)):]
	events := make([]Event, len(newest))
	for i, e := range newest {
		events[i] = e.event
	}
	return events, Position{l.epoch, l.head.Load()}
}
