package stream

import (
	"errors"
	"time"
)

// Message is a recorded message of a network.
type Message struct {
	Line   []byte    // the whole line; nil for a Server-Sent Event
	Fields Fields    // the members of the line, or an event's "event" and "data"
	Before time.Time // time of the previous message; zero if unknown
}

// Has reports whether the message has one of the fields.
func (m Message) Has(fields ...string) bool {
	for _, field := range fields {
		if m.Fields.Get(field) != nil {
			return true
		}
	}
	return false
}

// Decoder reads the recorded messages of one network, in the order in which they were
// sent. It makes no requests.
type Decoder interface {
	// Owns reports whether a message has the form of the network's messages.
	Owns(m Message) bool
	// Decode returns the op of a message, or [ErrNoOp] if the message has none. The At of the
	// op is zero if the message has no time.
	Decode(m Message) (Op, error)
}

// ErrNoOp says that a message has no op. That is no fault: many messages have none.
var ErrNoOp = errors.New("nothing in it to replay")
