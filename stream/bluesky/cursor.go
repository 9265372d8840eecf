package bluesky

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nagare/stream/internal/text"
)

const (
	// rewind is how far before the last processed event a connection resumes, because servers
	// don't send events exactly in the order of their times.
	rewind = 5 * time.Second
	// rewindElsewhere replaces rewind if the host is not the one that the cursor is from: their
	// clocks differ.
	rewindElsewhere = 10 * time.Second
	// serverHistory is about how long a server keeps events. If the cursor is older, the server
	// begins with its oldest event and doesn't report that.
	serverHistory = 36 * time.Hour
	// gapTolerance is how much later than the cursor the first event may be before a gap is
	// reported. The whole network has an event every few milliseconds.
	gapTolerance = 5 * time.Second
	// lateAfter is the age on arrival from which a post is marked as late.
	lateAfter = 10 * time.Second
)

// cursor is a position in a Jetstream: the last processed event, and its host.
type cursor struct {
	us   int64 // time of the event, in microseconds; 0: no event yet
	host string
}

// isTime reports whether us can be a time in microseconds. Servers take a number under 10^15 for
// something else.
func isTime(us int64) bool { return us >= 1e15 }

// parseCursor reads the result of String. The cursor is a time of the network; our time, now, can
// be behind it by up to a day.
func parseCursor(saved string, now time.Time) (cursor, error) {
	number, host, _ := strings.Cut(strings.TrimSpace(saved), " ")
	if number == "" {
		return cursor{}, nil
	}
	us, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !isTime(us) || time.UnixMicro(us).After(now.Add(24*time.Hour)) {
		return cursor{}, fmt.Errorf("the saved position %q is damaged", text.Truncate(number, 30))
	}
	return cursor{us, host}, nil
}

func (c cursor) String() string { return fmt.Sprintf("%d %s", c.us, c.host) }

// cursorNow is the position up to which all events are delivered.
func (b *Source) cursorNow() cursor {
	if c := b.delivered.Load(); c != nil {
		return *c
	}
	return cursor{}
}

func (b *Source) setCursor(c cursor) { b.delivered.Store(&c) }

// time is the time of the event.
func (c cursor) time() time.Time { return time.UnixMicro(c.us).UTC() }

// from is the time, in microseconds, from which a host is asked for events; 0: from now on.
func (c cursor) from(host string) int64 {
	switch {
	case c.us == 0:
		return 0
	case c.host != host:
		return c.us - rewindElsewhere.Microseconds()
	}
	return c.us - rewind.Microseconds()
}

// gap returns the time up to which events were missed, and whether any were. First is the time
// of the first event of the connection. If the stream is narrow, its few authors may have been
// silent until then, so only the events that the server no longer keeps count as missed.
func (c cursor) gap(first, now time.Time, narrow bool) (to time.Time, missed bool) {
	if c.us == 0 {
		return time.Time{}, false
	}
	if narrow {
		first = now.Add(-serverHistory)
	}
	return first, first.After(c.time().Add(gapTolerance))
}
