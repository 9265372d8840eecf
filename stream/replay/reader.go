// Package replay plays recordings, and files of what networks sent, through the decoders
// of the networks.
//
// It promises:
//
//   - the recorded pace is kept: TestReplay_KeepsTheRecordedPace
//   - a loop never repeats an id, and its edits and deletions still find their posts:
//     TestReplay_LoopsWithNewIDs
//   - an invalid line never ends a replay: TestReplay_ReadsOddFiles
//   - a replay stops at once: TestReplay_StopsAtOnceInAFlood and those around it
package replay

import (
	"errors"
	"io"
	"strconv"
	"time"

	"nagare/stream"
	"nagare/stream/internal/lines"
)

// reader reads the ops of a file, and skips all other lines.
type reader struct {
	lines  *lines.Reader
	events *lines.EventReader // instead of lines, if the file is a stream of events
	messages

	number       int   // of the last line or event, from 1
	skipped      int   // lines
	firstSkipped int   // the number of that line
	firstFault   error // what was wrong with it
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

// lineError is about one line; any other error is about the file.
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
	return asLineError(r.decode(line))
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
	return asLineError(r.event(e))
}

// asLineError marks an error as one of that line only.
func asLineError(op stream.Op, err error) (stream.Op, error) {
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

// withRound gives posts new ids, and authors new keys, in all rounds but the first. Edits
// and deletions of the same round still find them, and an author who is removed at the end of
// a round isn't in the next.
func withRound(op stream.Op, round int) stream.Op {
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

// shifted makes op happen at now: all its times are moved by the same span.
func shifted(op stream.Op, now time.Time) stream.Op {
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
