package stream

import (
	"fmt"
	"time"
)

// mostUnreadable is how many messages in a row can be unreadable before a source counts as
// [Silent]. Every network sends an odd message now and then.
const mostUnreadable = 10

// Legibility detects that the messages of one connection can't be read. Such a connection looks
// healthy, but brings no posts.
type Legibility struct {
	unreadable int // number of unreadable messages since the last readable one
}

// Add records that a message has arrived: why says why it can't be read, and is nil if it can. If
// many in a row can't be read, Add emits that src is Silent, and when one can be read again, that
// src is [Live].
func (l *Legibility) Add(src Source, why error, emit func(Op) error) error {
	if why == nil {
		silent := l.unreadable >= mostUnreadable
		if l.unreadable = 0; silent {
			return emit(NewLive(src))
		}
		return nil
	}
	if l.unreadable++; l.unreadable != mostUnreadable {
		return nil
	}
	err := fmt.Errorf("connected, but none of the last %d messages could be read; a proxy may compress or change them, or the network has a new format: %w", mostUnreadable, Plain(why))
	return emit(NewStatus(src, Silent, WithFault(FaultUnreadable, err), time.Time{}))
}
