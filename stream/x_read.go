package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// follow reads for as long as there is something to spend and the feed doesn't break.
func (x *X) follow(ctx context.Context, api xAPI, tell func(Op) error) error {
	defer x.spent.save(x)
	for {
		until, err := x.spent.until(x, time.Now())
		switch {
		case isPermanent(err):
			return err
		case err == nil:
			if err := x.read(ctx, api, tell); !errors.Is(err, errSpent) && !errors.Is(err, errUnsaved) {
				x.why = fmt.Sprint(err)
				return err
			}
			continue
		}
		x.why = err.Error()
		x.log().Warn("nothing to spend, waiting", "until", until, "err", err)
		if err := tell(status(x, Waiting, err, until)); err != nil {
			return err
		}
		if err := sleep(ctx, time.Until(until)); err != nil {
			return err
		}
	}
}

// read is one connection.
func (x *X) read(ctx context.Context, api xAPI, tell func(Op) error) error {
	if err := x.reconcile(ctx, api); err != nil {
		return err
	}
	body, err := api.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := x.answered(tell); err != nil {
		return err
	}
	in, err := newLines(body)
	if err != nil {
		return err
	}
	for {
		line, err := in.next()
		if err == nil {
			x.heard = time.Now()
		}
		switch {
		case errors.Is(err, errLongLine):
			x.strange("a line of over 4 MiB", "")
			err = tell(notice(x, Lost, Notice{Count: 1}))
		case errors.Is(err, io.EOF):
			return WithFault(FaultUnreachable, errors.New("X ended the stream"))
		case err == nil && len(line) > 0: // an empty one says only that X is still there
			err = x.take(line, tell)
		}
		if err != nil {
			return err
		}
	}
}

// answered tells that the stream is open, and what was missed if it had been open before.
func (x *X) answered(tell func(Op) error) error {
	since, now := x.heard, time.Now()
	x.heard = now
	if err := tell(live(x)); err != nil || since.IsZero() {
		return err
	}
	return tell(notice(x, Gap, Notice{From: since, To: now, Reason: x.why}))
}

// take does what a line says. A post that others' rules asked for is billed, but
// not shown.
func (x *X) take(line []byte, tell func(Op) error) error {
	m, odd, err := decodeX(line)
	switch {
	case err != nil:
		x.strange("not JSON", err.Error())
		return nil
	case odd != "":
		x.strange("a field of another type", odd)
	}
	if !m.Data.valid() {
		return x.other(m)
	}
	if x.mine(m.Rules) {
		if err := tell(viewX(m, time.Now(), x.Country).op(m.Data)); err != nil {
			return err
		}
	}
	return x.spent.spend(x, time.Now())
}

// other is a line without a post.
func (x *X) other(m xMessage) error {
	for _, e := range append(m.Errors, m.xError) {
		if err := e.ending(x.hide); err != nil {
			return err
		}
	}
	x.strange("an unknown message", m.Title)
	return nil
}

// strange counts what was not understood, and logs it the first time.
func (x *X) strange(what, detail string) {
	if x.odd == nil {
		x.odd = map[string]int{}
	}
	if x.odd[what]++; x.odd[what] == 1 {
		x.log().Warn("X sent what is not understood; further ones are only counted", "what", what, "detail", cutRunes(x.hide(oneLine(detail)), 100))
	}
}
