package bluesky

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nagare/stream/internal/text"
)

const (
	// rewind is how far before the last processed event a connection resumes, because the
	// events of a server aren't quite in order.
	rewind = 5 * time.Second
	// rewindElsewhere is the same for another host, which has another clock.
	rewindElsewhere = 10 * time.Second
	// serverHistory is about how long a server keeps events. It doesn't say so if it is asked
	// for more.
	serverHistory = 36 * time.Hour
	// gapTolerance is how late the first event may be. In the whole network there is one every
	// few milliseconds.
	gapTolerance = 5 * time.Second
	// lateAfter is the age from which an event is history.
	lateAfter = 10 * time.Second
)

// cursor is a position in a Jetstream: the last processed event, and its host.
type cursor struct {
	us   int64 // microseconds; 0: none
	host string
}

// plausible guards the unit, and against clocks that are ahead: a server takes a number
// under 10^15 for something else than microseconds, and a time in the future for now.
func plausible(us int64, now time.Time) bool {
	return us >= 1e15 && us < now.Add(10*time.Minute).UnixMicro()
}

// parseCursor reads the result of String.
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

// cursorNow is the cursor of the events that are delivered.
func (b *Source) cursorNow() cursor {
	if c := b.delivered.Load(); c != nil {
		return *c
	}
	return cursor{}
}

func (b *Source) setCursor(c cursor) { b.delivered.Store(&c) }

// time is the time of the event.
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

// gap returns what was missed if that is the time of the first event. A few authors may
// be silent for longer than the server keeps events, so for them only what the server has
// dropped is missed.
func (c cursor) gap(first, now time.Time, narrow bool) (to time.Time, missed bool) {
	if c.us == 0 {
		return time.Time{}, false
	}
	if narrow {
		first = now.Add(-serverHistory)
	}
	return first, first.After(c.time().Add(gapTolerance))
}
