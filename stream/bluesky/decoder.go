package bluesky

import (
	"nagare/stream"
)

// Decoder decodes recorded messages of a Jetstream. The authors of its posts have no names,
// because a recording has only their DIDs.
type Decoder struct{}

// Owns reports whether m has the fields of an event: its kind and its author.
func (Decoder) Owns(m stream.Message) bool { return m.Has("kind") && m.Has("did") }

// Decode decodes an event.
func (Decoder) Decode(m stream.Message) (stream.Op, error) {
	e, err := decode(m.Line)
	if e == nil {
		return stream.Op{}, err
	}
	op, ok, err := e.op(e.time().UTC())
	switch {
	case ok && (op.Post != nil || op.Kind != stream.Create && op.Kind != stream.Update):
		return op, nil
	case err != nil:
		return stream.Op{}, err
	}
	return stream.Op{}, stream.ErrNoOp
}
