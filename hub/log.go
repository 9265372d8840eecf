package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Position is a point in a channel's log: just after the event with that offset.
// It means the same for ever, so a reader that keeps the position of the last
// event it dealt with can always be told what it missed, or that it can't be told.
type Position struct {
	Epoch  string `json:"epoch"`  // 1 to 16 of 0-9 and a-z; changes when the log starts anew
	Offset uint64 `json:"offset"` // the first event has 1; below 2^53
}

// String gives the position as "epoch:offset", the form that ParsePosition reads.
func (p Position) String() string { return p.Epoch + ":" + strconv.FormatUint(p.Offset, 10) }

// ParsePosition reads a position in the form "epoch:offset".
func ParsePosition(s string) (Position, error) {
	epoch, digits, _ := strings.Cut(s, ":")
	offset, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || offset >= maxOffset || !epochPattern.MatchString(epoch) {
		return Position{}, fmt.Errorf("hub: position %.40q, want epoch:offset as in lz4k2:42", s)
	}
	return Position{epoch, offset}, nil
}

// A script counts with float64, so an offset must stay below this.
const maxOffset = 1 << 53

var epochPattern = regexp.MustCompile(`^[0-9a-z]{1,16}$`)

// Event is one event of a channel.
type Event struct {
	Name string          // what happened: "create"
	Key  string          // what it happened to; not on the wire, may be empty
	Data json.RawMessage // one JSON value; {} if empty

	// Erase makes this event stand in for every earlier one with its Key, at
	// their offsets, so that nobody is ever sent those again.
	Erase bool

	Position Position // given by the log
}

// ErrTooLarge is returned for an event whose data is over 16 KiB.
var ErrTooLarge = errors.New("hub: event data over 16 KiB")

const maxData = 16 << 10

// errGap says that a reader's position is older than the log reaches back.
var errGap = errors.New("hub: the log has moved past that position")

// log is what is kept of a channel: the newest events, each with the frame that carries
// it, made once for all readers.
type log struct {
	channel *Channel // whose log is another one when the epoch has changed
	epoch   string

	head atomic.Uint64 // offset of the newest; written with mu held

	mu   sync.RWMutex
	held []*entry // without a hole; the last has offset head
	size int      // bytes of what is held, as WebSocket frames
}

func newEpoch() string { return strconv.FormatInt(time.Now().UnixNano(), 36) }

// over reports whether another log has taken over.
func (l *log) over() bool { return l != l.channel.log.Load() }

// append gives ev its position and keeps it, at the cost of the oldest.
func (l *log) append(ev Event) Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(l.head.Load()+1, ev)
}

// insert keeps an event that has its position, unless it is there already. If others
// are missing before it, the log begins with it.
func (l *log) insert(ev Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch offset, head := ev.Position.Offset, l.head.Load(); {
	case offset <= head:
		return
	case offset > head+1:
		l.held, l.size = nil, 0
	}
	l.add(ev.Position.Offset, ev)
}

// add keeps the event as the newest; l.mu is held.
func (l *log) add(offset uint64, ev Event) Position {
	if ev.Erase {
		l.erase(ev)
	}
	e := l.enter(offset, ev)
	l.held = append(l.held, e)
	l.head.Store(offset)
	for o := &l.channel.hub.opts; len(l.held) > o.Ring || l.size > o.RingBytes && len(l.held) > 1; {
		l.size -= l.held[0].size()
		l.held[0] = nil // the array is kept until it is full
		l.held = l.held[1:]
	}
	return e.event.Position
}

// enter makes the entry for ev at offset; l.mu is held.
func (l *log) enter(offset uint64, ev Event) *entry {
	ev.Position = Position{l.epoch, offset}
	e := newEntry(l.channel.name, ev)
	l.size += e.size()
	return e
}

// erase puts ev in the place of everything said before about ev.Key; l.mu is held.
func (l *log) erase(ev Event) {
	for i, e := range l.held {
		if e.event.Key == ev.Key {
			l.size -= e.size()
			l.held[i] = l.enter(e.event.Position.Offset, ev)
		}
	}
}

// tail is the offset of the oldest held, head+1 if there is none; l.mu is held.
func (l *log) tail() uint64 { return l.head.Load() + 1 - uint64(len(l.held)) }

// read calls f with the events after the given offset, in order, until it says
// that it has enough. It returns errGap if the first of them is no longer held, or
// another log has taken over.
func (l *log) read(after uint64, f func(*entry) bool) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if after+1 < l.tail() || l.over() {
		return errGap
	}
	for _, e := range l.held[after+1-l.tail():] {
		if !f(e) {
			break
		}
	}
	return nil
}

// bounds returns the offsets of the oldest and the newest event held, as one moment saw them.
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
