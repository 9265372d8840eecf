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

// follow reads the stream until the connection breaks. While the budget is used up, it waits
// and then connects again.
func (x *Source) follow(ctx context.Context, api apiClient, emit func(stream.Op) error) error {
	defer x.usage.save(x)
	for {
		until, err := x.usage.available(x, time.Now())
		switch {
		case stream.IsPermanent(err):
			return err
		case err == nil:
			if err := x.read(ctx, api, emit); !errors.Is(err, errSpent) && !errors.Is(err, errUnsaved) {
				x.gapReason = fmt.Sprint(stream.Plain(err))
				return err
			}
			continue
		}
		x.gapReason = err.Error()
		x.log().Warn("reading no posts", "until", until, "err", err)
		if err := emit(stream.NewStatus(x, stream.Waiting, err, until)); err != nil {
			return err
		}
		if err := stream.Sleep(ctx, time.Until(until)); err != nil {
			return err
		}
	}
}

// read sets the rules, connects, and reads the connection to its end.
func (x *Source) read(ctx context.Context, api apiClient, emit func(stream.Op) error) error {
	if err := x.updateRules(ctx, api); err != nil {
		return err
	}
	body, err := api.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := x.emitLive(emit); err != nil {
		return err
	}
	in, err := lines.NewReader(body)
	if err != nil {
		return err
	}
	x.legible = stream.Legibility{}
	for {
		line, err := in.Next()
		if err := x.handleRead(line, err, emit); err != nil {
			return err
		}
	}
}

// emitLive reports that the stream is open, and the gap since the last line that was read.
func (x *Source) emitLive(emit func(stream.Op) error) error {
	x.clock.Connected(true)
	opened, before := x.clock.Now(), x.lastRead
	x.lastRead = opened
	return stream.EmitLive(x, emit, before, opened, x.gapReason)
}

// handleRead handles a line, or the error of reading it. It returns an error if the connection
// has ended, or if it must end.
func (x *Source) handleRead(line []byte, err error, emit func(stream.Op) error) error {
	switch {
	case err == nil:
		x.lastRead = x.clock.Now()
		if len(line) == 0 {
			return nil // a keep-alive
		}
		return x.handleLine(line, emit)
	case errors.Is(err, lines.ErrLongLine):
		x.countAnomaly("a line of over 4 MiB", "")
		if err := emit(stream.NewNotice(x, stream.Lost, stream.Notice{Count: 1})); err != nil {
			return err
		}
		return x.legible.Add(x, lines.ErrLongLine, emit)
	case errors.Is(err, io.EOF):
		return stream.WithFault(stream.FaultUnreachable, errors.New("the server ended the stream"))
	}
	return err
}

// handleLine emits the op of a line and counts its post. If the post matches only rules of
// other programs, it is not emitted, but counted, because X bills it.
func (x *Source) handleLine(line []byte, emit func(stream.Op) error) error {
	m, badField, err := decode(line)
	switch {
	case err != nil:
		x.countAnomaly("not JSON", "")
		return x.legible.Add(x, errNotJSON, emit)
	case badField != "":
		x.countAnomaly("a field of an unexpected type", badField)
	}
	if !m.Data.valid() {
		if err := x.handleNotice(m); err != nil {
			return err
		}
		return x.legible.Add(x, errUnknown, emit)
	}
	if err := x.legible.Add(x, nil, emit); err != nil {
		return err
	}
	if x.isOwn(m.Rules) {
		x.clock.Event(IDTime(m.Data.ID))
		op := newView(m, x.clock.Now(), x.Country).op(m.Data)
		if err := emit(op); err != nil {
			return err
		}
	}
	return x.usage.spend(x, time.Now())
}

// Why a line is of no use.
var errNotJSON, errUnknown = errors.New("not JSON"), errors.New("neither a post nor a known notice")

// handleNotice handles a line without a post. It returns an error if the line says that X ends
// the stream.
func (x *Source) handleNotice(m message) error {
	for _, e := range append(m.Errors, m.apiError) {
		if err := e.disconnection(x.redact); err != nil {
			return err
		}
	}
	x.countAnomaly("an unknown message", m.Title)
	return nil
}

// countAnomaly counts unexpected data, and logs the first of each kind.
func (x *Source) countAnomaly(kind, detail string) {
	x.anomalies.Note(x.log(), slog.LevelWarn, kind, "detail", text.Truncate(x.redact(text.OneLine(detail)), 100))
}
