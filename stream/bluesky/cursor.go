package bluesky

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nagare/stream/internal/text"
)

const (
	// rewind is how far before the last processed event we go on: a server's events
	// aren't quite in order.
	rewind = 5 * time.Second
	// rewindElsewhere is the same on another host, whose clock is another one.
	rewindElsewhere = 10 * time.Second
	// lookBack is about what a server keeps. It says nothing if it is asked for more.
	lookBack = 36 * time.Hour
	// slack is how much later than asked for the first event may be. Of the whole
	// network there is one every few milliseconds.
	slack = 5 * time.Second
	// lateAfter is how old an event is of which we hear while we catch up.
	lateAfter = 10 * time.Second
)

// bskyCursor is a place in a Jetstream: what was processed there last, and where.
type cursor struct {
	us   int64 // microseconds; 0: nothing yet
	host string
}

// plausible guards the unit, and against clocks that run ahead: a server takes a
// number under 10^15 for something else than microseconds, and one ahead of it for now.
func plausible(us int64, now time.Time) bool {
	return us >= 1e15 && us < now.Add(10*time.Minute).UnixMicro()
}

// parseCursor reads what String has written.
func parseCursor(saved string, now time.Time) (cursor, error) {
	number, host, _ := strings.Cut(strings.TrimSpace(saved), " ")
	if number == "" {
		return cursor{}, nil
	}
	us, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !plausible(us, now) {
		return cursor{}, fmt.Errorf("saved cursor %q is no time in microseconds", text.Truncate(number, 30))
	}
	return cursor{us, host}, nil
}

func (c cursor) String() string { return fmt.Sprintf("%d %s", c.us, c.host) }

// place is what was processed, and is in other hands.
func (b *Source) cursorNow() cursor {
	if c := b.delivered.Load(); c != nil {
		return *c
	}
	return cursor{}
}

func (b *Source) setCursor(c cursor) { b.delivered.Store(&c) }

// time is when it was.
func (c cursor) time() time.Time { return time.UnixMicro(c.us).UTC() }

// from is the cursor to ask a host for; 0 for none.
func (c cursor) from(host string) int64 {
	switch {
	case c.us == 0:
		return 0
	case c.host != host:
		return c.us - rewindElsewhere.Microseconds()
	}
	return c.us - rewind.Microseconds()
}

// gap is what was missed if the first event after the cursor is of that time. A feed
// of a few authors may well be silent for longer than the server remembers, so there
// only what it can't remember is missing.
func (c cursor) gap(first, now time.Time, narrow bool) (to time.Time, missed bool) {
	if c.us == 0 {
		return time.Time{}, false
	}
	if narrow {
		first = now.Add(-lookBack)
	}
	return first, first.After(c.time().Add(slack))
}
