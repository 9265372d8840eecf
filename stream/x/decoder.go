package x

import (
	"time"

	"nagare/stream"
)

// Decoder decodes recorded lines of the filtered stream.
type Decoder struct {
	Country string // see Source.Country
}

// Owns reports whether m has a field of a post, or of an error, of the API v2.
func (d Decoder) Owns(m stream.Message) bool { return m.Has("data", "errors", "title") }

// Decode returns the op of a line, or [stream.ErrNoOp].
func (d Decoder) Decode(line stream.Message) (stream.Op, error) {
	m, _, err := decode(line.Line)
	switch {
	case err != nil:
		return stream.Op{}, err
	case !m.Data.valid():
		return stream.Op{}, stream.ErrNoOp
	}
	at, err := time.Parse(time.RFC3339, m.Data.CreatedAt)
	if err != nil {
		at = IDTime(m.Data.ID)
	}
	return newView(m, at, d.Country).op(m.Data), nil
}
