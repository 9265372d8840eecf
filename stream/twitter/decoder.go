package twitter

import (
	"nagare/stream"
)

// TwitterDecoder reads recorded messages of the API v1.1.
type Decoder struct {
	Country string // as of Twitter

	lost uint64 // how many posts the server left out since it was connected
}

// Owns reports whether m is a post or a notice of the API v1.1.
func (d *Decoder) Owns(m stream.Message) bool {
	return m.Has("user", "delete", "limit", "warning", "disconnect", "status_withheld", "user_withheld", "scrub_geo")
}

// Decode reads a message.
func (d *Decoder) Decode(line stream.Message) (stream.Op, error) {
	m, err := decode(line.Line, d.Country)
	switch {
	case err != nil:
		return stream.Op{}, err
	case m.kind == "limit" && m.lost != d.lost:
		if m.lost < d.lost { // of another connection
			d.lost = 0
		}
		m.op = stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "twitter", Count: m.lost - d.lost}}
		d.lost = m.lost
	case m.op.Kind == "":
		return stream.Op{}, stream.ErrNoOp
	}
	return m.op, nil
}
