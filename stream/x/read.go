package x

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/internal/text"
)

// follow reads for as long as there is something to spend and the feed doesn't break.
func (x *Source) follow(ctx context.Context, api apiClient, tell func(stream.Op) error) error {
	defer x.spent.save(x)
	for {
		until, err := x.spent.until(x, time.Now())
		switch {
		case stream.IsPermanent(err):
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
		if err := tell(stream.NewStatus(x, stream.Waiting, err, until)); err != nil {
			return err
		}
		if err := stream.Sleep(ctx, time.Until(until)); err != nil {
			return err
		}
	}
}

// read is one connection.
func (x *Source) read(ctx context.Context, api apiClient, tell func(stream.Op) error) error {
	if err := x.syncRules(ctx, api); err != nil {
		return err
	}
	body, err := api.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := x.emitConnected(tell); err != nil {
		return err
	}
	in, err := lines.NewReader(body)
	if err != nil {
		return err
	}
	for {
		line, err := in.Next()
		if err == nil {
			x.heard = time.Now()
		}
		switch {
		case errors.Is(err, lines.ErrLongLine):
			x.note("a line of over 4 MiB", "")
			err = tell(stream.NewNotice(x, stream.Lost, stream.Notice{Count: 1}))
		case errors.Is(err, io.EOF):
			return stream.WithFault(stream.FaultUnreachable, errors.New("X ended the stream"))
		case err == nil && len(line) > 0: // an empty one says only that X is still there
			err = x.handleLine(line, tell)
		}
		if err != nil {
			return err
		}
	}
}

// answered tells that the stream is open, and what was missed if it had been open before.
func (x *Source) emitConnected(tell func(stream.Op) error) error {
	since, now := x.heard, time.Now()
	x.heard = now
	if err := tell(stream.NewLive(x)); err != nil || since.IsZero() {
		return err
	}
	return tell(stream.NewNotice(x, stream.Gap, stream.Notice{From: since, To: now, Reason: x.why}))
}

// take does what a line says. A post that others' rules asked for is billed, but
// not shown.
func (x *Source) handleLine(line []byte, tell func(stream.Op) error) error {
	m, odd, err := decode(line)
	switch {
	case err != nil:
		x.note("not JSON", err.Error())
		return nil
	case odd != "":
		x.note("a field of another type", odd)
	}
	if !m.Data.valid() {
		return x.handleNotice(m)
	}
	if x.isOurs(m.Rules) {
		if err := tell(viewOf(m, time.Now(), x.Country).op(m.Data)); err != nil {
			return err
		}
	}
	return x.spent.spend(x, time.Now())
}

// other is a line without a post.
func (x *Source) handleNotice(m message) error {
	for _, e := range append(m.Errors, m.apiError) {
		if err := e.ending(x.hide); err != nil {
			return err
		}
	}
	x.note("an unknown message", m.Title)
	return nil
}

// note counts an anomaly.
func (x *Source) note(kind, detail string) {
	x.anomalies.Note(x.log(), slog.LevelWarn, kind, "detail", text.Truncate(x.hide(text.OneLine(detail)), 100))
}
