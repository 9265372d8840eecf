package twitter

import "nagare/stream"

// Decoder decodes recorded messages of the API v1.1. It is not safe for concurrent use.
type Decoder struct {
	Country string // see Source.Country

	dropped uint64 // how many posts the recorded connection reported as dropped, up to now
}

// Owns reports whether m is a post or a notice of the API v1.1.
func (d *Decoder) Owns(m stream.Message) bool {
	return m.Has("user", "delete", "limit", "warning", "disconnect", "status_withheld", "user_withheld", "scrub_geo")
}

// Decode returns the op of a message, or [stream.ErrNoOp].
func (d *Decoder) Decode(line stream.Message) (stream.Op, error) {
	m, err := decode(line.Line, d.Country)
	switch {
	case err != nil:
		return stream.Op{}, err
	case m.kind == "limit" && m.dropped != d.dropped:
		if m.dropped < d.dropped { // the recording continues with another connection
			d.dropped = 0
		}
		m.op = stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "twitter", Count: m.dropped - d.dropped}}
		d.dropped = m.dropped
	case m.op.Kind == "":
		return stream.Op{}, stream.ErrNoOp
	}
	return m.op, nil
}
