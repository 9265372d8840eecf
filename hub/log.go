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

// Place is a point in a channel's log: just after the event with that offset.
// It means the same for ever, so a reader that keeps the place of the last
// event it dealt with can always be told what it missed, or that it can't be told.
type Place struct {
	Epoch  string `json:"epoch"`  // 1 to 16 of 0-9 and a-z; changes when the log starts anew
	Offset uint64 `json:"offset"` // the first event has 1; below 2^53
}

// String gives the place as "epoch:offset", the form that ParsePlace reads.
func (p Place) String() string { return p.Epoch + ":" + strconv.FormatUint(p.Offset, 10) }

// ParsePlace reads a place in the form "epoch:offset".
func ParsePlace(s string) (Place, error) {
	epoch, digits, _ := strings.Cut(s, ":")
	offset, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || offset >= maxOffset || !epochPattern.MatchString(epoch) {
		return Place{}, fmt.Errorf("hub: place %.40q, want epoch:offset as in lz4k2:42", s)
	}
	return Place{epoch, offset}, nil
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

	Place Place // given by the log
}

// ErrTooLarge is returned for an event whose data is over 16 KiB.
var ErrTooLarge = errors.New("hub: event data over 16 KiB")

const maxData = 16 << 10

// errGap says that a reader's place is older than the log reaches back.
var errGap = errors.New("hub: the log has moved past that place")

// log is the append-only ring of a channel: the newest events, each with the
// frame that carries it, made once for all readers.
type log struct {
	channel string
	epoch   string
	maxSize int // bytes

	head atomic.Uint64       // offset of the newest; written with mu held
	next atomic.Pointer[log] // the one that goes on, in another epoch

	mu   sync.RWMutex
	ring []*entry // the event with offset o is at o % len
	tail uint64   // offset of the oldest held; head+1 if there is none
	size int      // bytes of what is held, as WebSocket frames
}

func newLog(channel string, elements, bytes int) *log {
	epoch := strconv.FormatInt(time.Now().UnixNano(), 36)
	return &log{channel: channel, epoch: epoch, maxSize: bytes, ring: make([]*entry, elements), tail: 1}
}

// append gives ev its place and keeps it, at the cost of the oldest.
func (l *log) append(ev Event) Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	offset := l.head.Load() + 1
	l.add(offset, ev)
	return Place{l.epoch, offset}
}

// insert keeps an event that has its place, unless it is there already. If others
// are missing before it, the log begins with it: what is held has no holes.
func (l *log) insert(ev Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	offset, head := ev.Place.Offset, l.head.Load()
	if offset <= head {
		return
	}
	if offset > head+1 {
		for l.tail <= head {
			l.dropOldest()
		}
		l.tail = offset
		l.head.Store(offset - 1)
	}
	l.add(offset, ev)
}

// add keeps the event after the newest; l.mu is held.
func (l *log) add(offset uint64, ev Event) {
	if ev.Erase {
		l.erase(ev)
	}
	if offset-l.tail == uint64(len(l.ring)) {
		l.dropOldest()
	}
	l.put(offset, ev)
	l.head.Store(offset)
	for l.size > l.maxSize && l.tail < offset {
		l.dropOldest()
	}
}

// at returns the event with the given offset, which is held; l.mu is held too.
func (l *log) at(offset uint64) *entry { return l.ring[offset%uint64(len(l.ring))] }

// put makes the entry for ev at offset; l.mu is held.
func (l *log) put(offset uint64, ev Event) {
	ev.Place = Place{l.epoch, offset}
	e := newEntry(l.channel, ev)
	l.ring[offset%uint64(len(l.ring))] = e
	l.size += e.size()
}

// dropOldest forgets the oldest event; l.mu is held.
func (l *log) dropOldest() {
	l.size -= l.at(l.tail).size()
	l.ring[l.tail%uint64(len(l.ring))] = nil
	l.tail++
}

// erase puts ev in the place of everything said before about ev.Key; l.mu is held.
func (l *log) erase(ev Event) {
	for o := l.tail; o <= l.head.Load(); o++ {
		if e := l.at(o); e.event.Key == ev.Key {
			l.size -= e.size()
			l.put(o, ev)
		}
	}
}

// read calls f with the events after the given offset, in order, until it says
// that it has enough. It returns errGap if the first of them is no longer held, or
// another log has taken over.
func (l *log) read(after uint64, f func(*entry) bool) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if after+1 < l.tail || l.next.Load() != nil {
		return errGap
	}
	for o := after + 1; o <= l.head.Load() && f(l.at(o)); o++ {
	}
	return nil
}

// newest returns the log that goes on, itself unless the epoch has changed.
func (l *log) newest() *log {
	for next := l.next.Load(); next != nil; next = l.next.Load() {
		l = next
	}
	return l
}

// bounds returns the offsets of the oldest and the newest event held, as one moment saw them.
func (l *log) bounds() (tail, head uint64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.tail, l.head.Load()
}

// recent returns the newest n events, oldest first, and the place after them.
func (l *log) recent(n int) ([]Event, Place) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	head := l.head.Load()
	first := max(l.tail, head+1-min(uint64(n), head))
	events := make([]Event, 0, head+1-first)
	for o := first; o <= head; o++ {
		events = append(events, l.at(o).event)
	}
	return events, Place{l.epoch, head}
}
