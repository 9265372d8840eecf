package replay

import (
	"errors"
	"io"
	"strconv"
	"time"

	"nagare/stream"
	"nagare/stream/internal/lines"
)

// recording reads the ops of a file and steps over what is none.
type reader struct {
	lines  *lines.Reader
	events *lines.EventReader // instead of lines, where the file is a stream of events
	messages

	number       int   // of the line, or event, read last, from 1
	skipped      int   // lines
	firstSkipped int   // the number of that line
	firstFault   error // and what was wrong with it
}

func newReader(file io.Reader, decoders []stream.Decoder) (*reader, error) {
	lines, err := lines.NewReader(file)
	if err != nil {
		return nil, err
	}
	r := &reader{lines: lines, messages: messages{decoders: decoders}}
	if lines.AreEvents() {
		r.events = lines.Events()
	}
	return r, nil
}

// next returns the next op, or io.EOF at the end of the file.
func (r *reader) next() (stream.Op, error) {
	for {
		op, err := r.readLine()
		r.number++
		var fault *lineError
		switch {
		case errors.Is(err, stream.ErrNoOp):
		case errors.As(err, &fault):
			r.skip(fault.error)
		default:
			return op, err
		}
	}
}

// lineError is what is wrong with a line; any other error is about the file.
type lineError struct{ error }

// readLine reads a line or, in a stream of events, an event.
func (r *reader) readLine() (stream.Op, error) {
	if r.events != nil {
		return r.readEvent()
	}
	line, err := r.lines.Next()
	switch {
	case errors.Is(err, lines.ErrLongLine):
		return stream.Op{}, &lineError{err}
	case err != nil:
		return stream.Op{}, err
	case len(line) == 0:
		return stream.Op{}, stream.ErrNoOp
	}
	return ofLine(r.decode(line))
}

func (r *reader) readEvent() (stream.Op, error) {
	e, err := r.events.Next()
	switch {
	case errors.Is(err, lines.ErrLongEvent):
		return stream.Op{}, &lineError{err}
	case lines.AtEnd(err):
		return stream.Op{}, io.EOF
	case err != nil:
		return stream.Op{}, err
	}
	return ofLine(r.event(e))
}

// ofLine marks what is wrong as something of that line only.
func ofLine(op stream.Op, err error) (stream.Op, error) {
	if err != nil && err != stream.ErrNoOp {
		err = &lineError{err}
	}
	return op, err
}

func (r *reader) skip(fault error) {
	if r.skipped++; r.skipped == 1 {
		r.firstSkipped, r.firstFault = r.number, fault
	}
}

// renamed gives the posts of all rounds but the first new ids, by which edits
// and deletes of the same round still find them, and the authors new keys, so that
// one who is gone in the end isn't from the beginning of the next.
func renamed(op stream.Op, round int) stream.Op {
	if round == 1 {
		return op
	}
	rename := func(id *string) {
		if *id != "" {
			*id += "~" + strconv.Itoa(round)
		}
	}
	rename(&op.ID)
	rename(&op.Original)
	for i := range op.Earlier {
		rename(&op.Earlier[i])
	}
	for _, a := range op.Authors() {
		rename(&a.Key)
	}
	for t := op.Post; t != nil; t = t.Quoted() {
		if rename(&t.ID); t.Quote != nil {
			rename(&t.Quote.ID)
		}
	}
	return op
}

// moved makes op happen at now: whatever was so long before it still is.
func moved(op stream.Op, now time.Time) stream.Op {
	move := func(t *time.Time) {
		if !t.IsZero() {
			*t = now.Add(-op.At.Sub(*t))
		}
	}
	for t := op.Post; t != nil; t = t.Quoted() {
		move(&t.CreatedAt)
		move(&t.EditedAt)
		if t.Poll != nil {
			move(&t.Poll.EndsAt)
		}
	}
	op.At = now
	return op
}
