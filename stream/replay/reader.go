// Package replay plays recordings, and files of messages that networks sent.
//
// It promises:
//
//   - the recorded pace is kept: TestReplay_KeepsTheRecordedPace
//   - a loop uses new ids in each round, and its edits and deletions refer to the posts of
//     the same round: TestReplay_UsesNewIDsInEachRoundOfALoop
//   - an invalid line never ends a replay: TestReplay_SkipsInvalidLinesInPlainAndGzipFiles
//   - a replay stops at once: TestReplay_StopsAtOnceInTheMiddleOfAFile,
//     TestReplay_StopsAtOnceBetweenPostsThatFollowWithoutPause
package replay

import (
	"errors"
	"io"
	"strconv"
	"time"

	"nagare/stream"
	"nagare/stream/internal/lines"
)

// reader reads the ops of a file, and skips lines that are not ops.
type reader struct {
	lines  *lines.Reader
	events *lines.EventReader // used instead of lines if the file has Server-Sent Events; else nil
	messages

	number       int   // number of the last line or event, counted from 1
	skipped      int   // number of skipped lines
	firstSkipped int   // number of the first skipped line
	firstFault   error // error of the first skipped line
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
		if err == nil {
			return op, nil
		}
		var fault *lineError
		switch {
		case errors.Is(err, stream.ErrNoOp):
		case errors.As(err, &fault):
			r.skip(fault.error)
		default:
			return stream.Op{}, err
		}
	}
}

// lineError is an error about one line. Any other error is about the whole file.
type lineError struct{ error }

// readLine reads a line and decodes it. In a stream of events it does so with an event.
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

// asLineError marks err as an error about one line, unless it is ErrNoOp.
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

// withRound returns op for a round of the loop. In all rounds but the first, and in all rounds
// of a named run, posts get new ids and authors get new keys. Edits and deletions therefore refer to the posts of their own
// round, and an author who is removed in one round can post in the next.
func withRound(op stream.Op, run string, round int) stream.Op {
	suffix := ""
	if run != "" {
		suffix = "~" + run
	}
	if round > 1 {
		suffix += "~" + strconv.Itoa(round)
	}
	if suffix == "" {
		return op
	}
	rename := func(id *string) {
		if *id != "" {
			*id += suffix
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
		if rename(&t.RepostID); t.ReplyTo != nil {
			rename(&t.ReplyTo.Key)
		}
	}
	return op
}

// shifted returns op as if it happened at now: all its times are moved by the same span.
func shifted(op stream.Op, now time.Time) stream.Op {
	move := func(t *time.Time) {
		if !t.IsZero() {
			*t = now.Add(-op.At.Sub(*t))
		}
	}
	for t := op.Post; t != nil; t = t.Quoted() {
		t.Revised = t.Version()
		move(&t.CreatedAt)
		move(&t.EditedAt)
		if t.Poll != nil {
			move(&t.Poll.EndsAt)
		}
	}
	op.At = now
	return op
}
