package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/recording"
)

// messages decodes lines of any form: recorded ops, and messages of networks.
type messages struct {
	decoders []stream.Decoder
	at       time.Time // time of the previous message; zero if none had a time
}

// decode decodes a line.
func (r *messages) decode(line []byte) (stream.Op, error) {
	op, err := r.decodeAny(line)
	return op, plainFault(err, line)
}

// plainFault returns err in words that don't require knowledge of Go, if err is from the JSON
// decoder.
func plainFault(err error, line []byte) error {
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	broken, typed := errors.As(err, &syntax), errors.As(err, &kind)
	switch {
	case (broken || typed) && bytes.HasPrefix(line, []byte("[")):
		return errors.New("a JSON array, want one JSON object per line: jq -c '.[]' makes them")
	case broken && bytes.HasPrefix(line, []byte("{")):
		return errors.New("an incomplete JSON object, want each object on a line of its own: jq -c . makes them")
	case broken, typed && kind.Field == "":
		return errors.New("not a JSON object, want one per line")
	case typed:
		return fmt.Errorf("the field %s is a %s", kind.Field, kind.Value)
	}
	return err
}

func (r *messages) decodeAny(line []byte) (stream.Op, error) {
	if bytes.HasPrefix(line, []byte(recording.Prefix)) {
		return recording.Decode(line)
	}
	fields, err := stream.ParseFields(line)
	if err != nil {
		return recording.Decode(line) // whose error says what is wrong
	}
	if fields.Get("op") != nil {
		return recording.Decode(line)
	}
	if op, err := r.message(stream.Message{Line: line, Fields: fields}); err != errUnknownForm {
		return op, err
	}
	return recording.Decode(line)
}

// errUnknownForm says that no decoder knows the form of a message.
var errUnknownForm = errors.New("an event of no known network")

// message decodes a message of a network.
func (r *messages) message(m stream.Message) (stream.Op, error) {
	m.Before = r.at
	for _, d := range r.decoders {
		if d.Owns(m) {
			return r.withTime(d.Decode(m))
		}
	}
	return stream.Op{}, errUnknownForm
}

// event decodes a Server-Sent Event.
func (r *messages) event(e lines.Event) (stream.Op, error) {
	name, err := json.Marshal(e.Name)
	if err != nil {
		return stream.Op{}, err
	}
	return r.message(stream.Message{Fields: stream.Fields{{Name: []byte("event"), Value: name}, {Name: []byte("data"), Value: e.Data}}})
}

// withTime fills in missing times. An op without a time gets the time of the previous op or,
// if there is none, of its post. A post without a time gets that of its op.
func (r *messages) withTime(op stream.Op, err error) (stream.Op, error) {
	if err != nil {
		return stream.Op{}, err
	}
	if op.At.IsZero() {
		op.At = r.at
	}
	if op.At.IsZero() && op.Post != nil {
		op.At = op.Post.CreatedAt
	}
	if r.at = op.At; op.Post != nil {
		op.Post.CreatedAt = stream.Earliest(op.Post.CreatedAt, op.At)
		if op.Post.CreatedAt.IsZero() {
			return stream.Op{}, errors.New("no time")
		}
	}
	return op, nil
}
