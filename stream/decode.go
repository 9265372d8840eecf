package stream

import (
	"encoding/json"
	"errors"
	"time"
)

// Message is something that a network sent, as it was recorded.
type Message struct {
	Line   []byte                     // the whole of it; nil for a Server-Sent Event
	Fields map[string]json.RawMessage // the members of the line, or an event's "event" and "data"
	Before time.Time                  // when the message before it happened; zero if that is unknown
}

// Has reports whether the message has one of the fields.
func (m Message) Has(fields ...string) bool {
	for _, field := range fields {
		if m.Fields[field] != nil {
			return true
		}
	}
	return false
}

// Decoder reads the recorded messages of one network, in the order in which they were
// sent. It looks nothing up.
type Decoder interface {
	// Owns reports whether a message has the form of the network's messages.
	Owns(m Message) bool
	// Decode returns what a message says. If it says nothing that matters, the error is
	// [ErrNoOp]. At may be zero if the message doesn't tell the time.
	Decode(m Message) (Op, error)
}

// ErrNoOp is about a message from which no op follows, as from many. It is no fault.
var ErrNoOp = errors.New("nothing in it to replay")
