package stream

import (
	"errors"
	"io"
	"strconv"
	"time"
)

// recording reads the ops of a file and steps over what is none.
type recording struct {
	lines  *lines
	events *sseReader // instead of lines, where the file is a stream of events
	native native

	number       int   // of the line, or event, read last, from 1
	skipped      int   // lines
	firstSkipped int   // the number of that line
	firstFault   error // and what was wrong with it
}

func newRecording(file io.Reader, country string) (*recording, error) {
	lines, err := newLines(file)
	if err != nil {
		return nil, err
	}
	r := &recording{lines: lines, native: native{country: country}}
	if lines.areEvents() {
		r.events = newSSEReader(lines.r)
	}
	return r, nil
}

// next returns the next op, or io.EOF at the end of the file.
func (r *recording) next() (Op, error) {
	for {
		op, err := r.readLine()
		r.number++
		var fault *lineError
		switch {
		case errors.Is(err, errNothing):
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
func (r *recording) readLine() (Op, error) {
	if r.events != nil {
		return r.readEvent()
	}
	line, err := r.lines.next()
	switch {
	case errors.Is(err, errLongLine):
		return Op{}, &lineError{err}
	case err != nil:
		return Op{}, err
	case len(line) == 0:
		return Op{}, errNothing
	}
	return ofLine(r.native.decode(line))
}

func (r *recording) readEvent() (Op, error) {
	e, err := r.events.next()
	switch {
	case errors.Is(err, errLongEvent):
		return Op{}, &lineError{err}
	case atEnd(err):
		return Op{}, io.EOF
	case err != nil:
		return Op{}, err
	}
	return ofLine(r.native.dated(r.native.mastodon(e.name, e.data)))
}

// ofLine marks what is wrong as something of that line only.
func ofLine(op Op, err error) (Op, error) {
	if err != nil && err != errNothing {
		err = &lineError{err}
	}
	return op, err
}

func (r *recording) skip(fault error) {
	if r.skipped++; r.skipped == 1 {
		r.firstSkipped, r.firstFault = r.number, fault
	}
}

// renamed gives the posts of all rounds but the first new ids, by which edits
// and deletes of the same round still find them, and the authors new keys, so that
// one who is gone in the end isn't from the beginning of the next.
func (op Op) renamed(round int) Op {
	if round == 1 {
		return op
	}
	rename := func(id *string) {
		if *id != "" {
			*id += "~" + strconv.Itoa(round)
		}
	}
	rename(&op.ID)
	for i := range op.Earlier {
		rename(&op.Earlier[i])
	}
	for _, a := range op.authors() {
		rename(&a.Key)
	}
	for t := op.Post; t != nil; t = t.quoted() {
		if rename(&t.ID); t.Quote != nil {
			rename(&t.Quote.ID)
		}
	}
	return op
}

// authors are all that op names.
func (op Op) authors() []*Author {
	var all []*Author
	if op.Author != nil {
		all = append(all, op.Author)
	}
	for t := op.Post; t != nil; t = t.quoted() {
		if all = append(all, &t.Author); t.RepostedBy != nil {
			all = append(all, t.RepostedBy)
		}
	}
	return all
}

// moved makes op happen at now: whatever was so long before it still is.
func (op Op) moved(now time.Time) Op {
	move := func(t *time.Time) {
		if !t.IsZero() {
			*t = now.Add(-op.At.Sub(*t))
		}
	}
	for t := op.Post; t != nil; t = t.quoted() {
		move(&t.CreatedAt)
		move(&t.EditedAt)
		if t.Poll != nil {
			move(&t.Poll.EndsAt)
		}
	}
	op.At = now
	return op
}

// quoted is the post that t quotes, or nil.
func (t *Post) quoted() *Post {
	if t.Quote == nil {
		return nil
	}
	return t.Quote.Post
}
