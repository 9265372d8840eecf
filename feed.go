package main

import (
	"context"
	"log/slog"
	"sync/atomic"

	"nagare/stream"
)

// feed is the source of posts while the site runs.
type feed struct {
	name  string
	ended atomic.Bool
}

// run emits what the source tells until ctx ends. A recording that has come to its
// end leaves the site running, with what it has shown.
func (f *feed) run(ctx context.Context, c config, log *slog.Logger, emit func(context.Context, stream.Op) error) error {
	src := c.newSource(log)
	if src == nil {
		return nil
	}
	err := stream.Run(ctx, log, src, func(op stream.Op) error { return emit(ctx, op) })
	f.ended.Store(true)
	return err
}

func (f *feed) state() string {
	if f.ended.Load() {
		return "finished"
	}
	return "live"
}

// newSource is nil if posts come by POST /streaming alone.
func (c config) newSource(log *slog.Logger) stream.Source {
	var replay *stream.Replay
	switch c.source {
	case sourceNone:
		return nil
	case sourceDemo:
		replay = stream.Demo()
	default:
		replay = stream.File(c.file)
	}
	replay.Speed, replay.Log = c.speed, log
	return replay
}
