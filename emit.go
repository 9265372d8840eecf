package main

import (
	"context"
	"sync"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
	"nagare/web"
)

// reconciled returns the function to which all sources and POST /streaming pass their ops. The ops
// go through the only reconciler of the process to the timeline and, if a recorder is given, to
// the recorder.
func reconciled(timeline *web.Timeline, recorder *recording.Recorder) func(context.Context, stream.Op) error {
	e := &emitter{timeline: timeline, recorder: recorder}
	reconciler := reconcile.New(e.show, timeline)
	e.emit = reconciler.Emit
	if recorder != nil {
		e.emit = erasing(recorder, reconciler.Emit)
	}
	return e.pass
}

// emitter passes one op at a time through the reconciler, so that the resulting ops have the context of
// that op. The context says under which lease, if any, the op was read.
type emitter struct {
	// Set by reconciled, never changed.
	timeline *web.Timeline
	recorder *recording.Recorder // nil if nothing is recorded
	emit     func(stream.Op) error

	mu  sync.Mutex      // held while an op passes
	ctx context.Context // of the op that passes
}

func (e *emitter) pass(ctx context.Context, op stream.Op) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ctx = ctx
	return e.emit(op)
}

// show receives the ops of the reconciler.
func (e *emitter) show(op stream.Op) error {
	if e.recorder != nil {
		e.recorder.Record(op)
	}
	return e.timeline.Emit(e.ctx, op)
}
