package main

import (
	"context"
	"sync"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
	"nagare/web"
)

// reconciled returns the function to which all sources and POST /streaming pass their ops. The ops
// go through the only reconciler of the process to the timeline and, if a recorder is given, to
// the recorder. durable tells whether the store of the timeline survives a restart.
func reconciled(timeline *web.Timeline, durable bool, recorder *recording.Recorder) func(context.Context, stream.Op) error {
	e := &emitter{timeline: timeline, durable: durable, recorder: recorder}
	e.renew()
	return e.pass
}

// emitter passes one op at a time through the reconciler, so that the resulting ops have the context of
// that op. The context says under which lease, if any, the op was read.
type emitter struct {
	// Set by reconciled, never changed.
	timeline *web.Timeline
	durable  bool                // the store survives a restart
	recorder *recording.Recorder // nil if nothing is recorded

	mu sync.Mutex // held while an op passes

	// Guarded by mu.
	ctx   context.Context // of the op that passes
	lease string          // token of the newest lease; empty if there was none
	emit  func(stream.Op) error
}

func (e *emitter) pass(ctx context.Context, op stream.Op) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if lease := hub.FenceOf(ctx); lease != "" && lease != e.lease {
		e.lease = lease
		e.renew()
	}
	e.ctx = ctx
	return e.emit(op)
}

// renew replaces the reconciler by one that knows what the store has. A lease needs a new one:
// before it, another process may have deleted or edited what the old one has in memory, and the
// store may have refused what the old one emitted last.
func (e *emitter) renew() {
	e.emit = reconcile.New(e.show, web.NewArchive(e.timeline, e.durable, func() context.Context { return e.ctx })).Emit
	if e.recorder != nil {
		e.emit = erasing(e.recorder, e.emit)
	}
}

// show receives the ops of the reconciler.
func (e *emitter) show(op stream.Op) error {
	if e.recorder != nil {
		e.recorder.Record(op)
	}
	return e.timeline.Emit(e.ctx, op)
}
