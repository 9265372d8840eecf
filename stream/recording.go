package stream

import (
	"errors"
	"strconv"
	"time"
)

// recording reads the ops of a file and steps over what is none.
type recording struct {
	lines *lines

	number       int   // of the line read last, from 1
	skipped      int   // lines
	firstSkipped int   // the number of that line
	firstFault   error // and what was wrong with it
}

// next returns the next op, or io.EOF at the end of the file.
func (r *recording) next() (Op, error) {
	for {
		line, err := r.lines.next()
		r.number++
		switch {
		case errors.Is(err, errLongLine):
			r.skip(err)
			continue
		case err != nil:
			return Op{}, err
		case len(line) == 0:
			continue
		}
		op, err := decode(line)
		if err == nil {
			return op, nil
		}
		r.skip(err)
	}
}

func (r *recording) skip(fault error) {
	if r.skipped++; r.skipped == 1 {
		r.firstSkipped, r.firstFault = r.number, fault
	}
}

// renamed gives the posts of all rounds but the first new ids, by which edits
// and deletes of the same round still find them.
func (op Op) renamed(round int) Op {
	if round == 1 {
		return op
	}
	suffix := "~" + strconv.Itoa(round)
	op.ID += suffix
	for t := op.Tweet; t != nil; t = t.quoted() {
		t.ID += suffix
	}
	return op
}

// moved makes op happen at now: whatever was so long before it still is.
func (op Op) moved(now time.Time) Op {
	move := func(t *time.Time) {
		if !t.IsZero() {
			*t = now.Add(-op.At.Sub(*t))
		}
	}
	for t := op.Tweet; t != nil; t = t.quoted() {
		move(&t.CreatedAt)
		move(&t.EditedAt)
	}
	op.At = now
	return op
}

// quoted is the post that t quotes, or nil.
func (t *Tweet) quoted() *Tweet {
	if t.Quote == nil {
		return nil
	}
	return t.Quote.Tweet
}
