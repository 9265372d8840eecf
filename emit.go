package main

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
	"nagare/web"
)

// reconciled returns an emitter for a site without moderators. durable tells whether the store of the
// timeline survives a restart.
func reconciled(timeline *web.Timeline, durable bool, recorder *recording.Recorder) *emitter {
	e := &emitter{timeline: timeline, durable: durable, recorder: recorder}
	e.renew()
	return e
}

// moderated returns an emitter for a site with moderators. Cards that are held go to the desk instead
// of the timeline.
func moderated(timeline, desk *web.Timeline, judge reconcile.Policy, durable bool, recorder *recording.Recorder) *emitter {
	e := &emitter{timeline: timeline, desk: desk, judge: judge, durable: durable, recorder: recorder}
	e.renew()
	return e
}

// emitter receives the ops of all sources and of POST /streaming. They go through the only reconciler
// of the process to the timeline and, if a recorder is given, to the recorder. It passes one op at a
// time, so that the resulting ops have the context of that op. The context says under which lease, if
// any, the op was read.
type emitter struct {
	// Set when it is made, never changed.
	timeline *web.Timeline
	desk     *web.Timeline       // of the cards that are held; nil: none is
	judge    reconcile.Policy    // nil: all cards are public
	durable  bool                // the store survives a restart
	recorder *recording.Recorder // nil if nothing is recorded

	stale func() bool // reports whether another process publishes what this one doesn't know; nil: no

	gone func(id string) // told of each public card that was withdrawn; nil: nobody

	delayed delayed // posts that will be shown by themselves; has a lock of its own

	mu sync.Mutex // held while an op passes

	// Guarded by mu.
	ctx   context.Context // of the op that passes
	lease string          // token of the newest lease; empty if there was none
	cards *reconcile.Reconciler
	shown uint64 // number of ops that the reconciler has emitted
}

func (e *emitter) pass(ctx context.Context, op stream.Op) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if op.Kind != stream.Create { // a new post changes no other one
		if err := e.refresh(ctx); err != nil {
			return err
		}
	}
	return e.apply(ctx, op)
}

// decide passes what a moderator has decided, and reports whether a card has changed.
func (e *emitter) decide(ctx context.Context, op stream.Op) (changed bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.refresh(ctx); err != nil {
		return false, err
	}
	before := e.shown
	err = e.apply(ctx, op)
	return e.shown != before, err
}

// apply passes an op to the reconciler. e.mu is held.
func (e *emitter) apply(ctx context.Context, op stream.Op) error {
	e.begin(ctx)
	if e.recorder != nil {
		return erasing(e.recorder, e.cards.Emit)(op)
	}
	return e.cards.Emit(op)
}

// delayOver ends the delay of a card that has waited for it since a time or longer: the card is shown, or
// waits for approval.
func (e *emitter) delayOver(ctx context.Context, id string, since time.Time, show bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.refresh(ctx); err != nil {
		return err
	}
	waits := stream.Decision{Why: moderation.ForDelay, At: since}
	if !show {
		return e.cards.Await(id, waits, moderation.ForApproval)
	}
	return e.cards.Release(id, waits)
}

// forget makes the reconciler ask the store about a card that another process has changed.
func (e *emitter) forget(ctx context.Context, id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.begin(ctx)
	if !e.cards.Concerns(id) {
		return nil
	}
	if !e.isStale() {
		return e.cards.Forget(id, false)
	}
	if err := e.flush(ctx); err != nil {
		return err
	}
	return e.cards.Forget(id, true)
}

// finishMove withdraws a public card whose post has a card at the desk.
func (e *emitter) finishMove(ctx context.Context, public, held store.Record) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.refresh(ctx); err != nil {
		return err
	}
	return e.cards.FinishMove(web.Saved(public), web.Saved(held))
}

// rejudge hides what the rules of another process would have hidden of the posts that passed within a time
// before now.
func (e *emitter) rejudge(ctx context.Context, within time.Duration) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	names := e.cards.EmittedWithin(within)
	if len(names) == 0 {
		return nil
	}
	if err := e.refresh(ctx); err != nil {
		return err
	}
	return e.cards.Rejudge(names)
}

// begin prepares the reconciler for an op with that context. e.mu is held.
func (e *emitter) begin(ctx context.Context) {
	if lease := hub.FenceOf(ctx); lease != "" && lease != e.lease {
		e.lease = lease
		e.renew()
	}
	e.ctx = ctx
}

// refresh is begin for an op that may publish any card again, and not only those that it names. If another
// process reads the sources, memory may have old versions of these, and the store has the newest.
func (e *emitter) refresh(ctx context.Context) error {
	e.begin(ctx)
	if !e.isStale() {
		return nil
	}
	if err := e.flush(ctx); err != nil {
		return err
	}
	e.renew()
	e.cards.SkipPreload()
	return nil
}

func (e *emitter) isStale() bool { return e.stale != nil && e.stale() }

// flush waits until the store has what was emitted.
func (e *emitter) flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	if e.desk == nil {
		return e.timeline.Flush(ctx)
	}
	return errors.Join(e.timeline.Flush(ctx), e.desk.Flush(ctx))
}

// renew replaces the reconciler by one that knows what the store has. A lease needs a new one:
// before it, another process may have deleted or edited what the old one has in memory, and the
// store may have refused what the old one emitted last.
func (e *emitter) renew() {
	archive := web.NewArchive(e.timeline, e.durable, func() context.Context { return e.ctx }).WithDesk(e.desk)
	e.cards = reconcile.New(e.show, archive)
	e.cards.Moderate(e.judge)
}

// show receives the ops of the reconciler. What is held is not recorded.
func (e *emitter) show(op stream.Op) error {
	e.shown++
	if op.Held != "" && e.desk == nil {
		return nil
	}
	if err := e.flushBefore(op); err != nil {
		return err
	}
	if op.Held != "" {
		if op.Held == stream.Pending && op.Decision.Why == moderation.ForDelay {
			e.delayed.add(op.ID, op.Decision.At)
		}
		if err := e.desk.Emit(e.ctx, op); err != nil {
			return err
		}
		return e.mark(op)
	}
	if e.recorder != nil {
		e.recorder.Record(op)
	}
	err := e.timeline.Emit(e.ctx, op)
	if err == nil && op.Kind == stream.Destroy && e.gone != nil {
		e.gone(op.ID)
	}
	return err
}

// mark marks a post that moderators have just hidden, before it is withdrawn from the public, or one that
// has left the hidden posts to be shown or to wait again. A later edit by the network marks nothing, nor does
// the end of a card whose post is hidden in another card.
func (e *emitter) mark(op stream.Op) error {
	decided := op.At.Equal(op.Decision.At)
	switch {
	case op.Kind == stream.Update && op.Held == stream.Pending && decided:
		return e.desk.Mark(e.ctx, reconcile.SavedIDs(op.State), false)
	case op.Kind == stream.Destroy && op.Held == stream.Hidden && len(op.Names) == 0 && op.Reason != stream.Unwanted:
		return e.desk.Mark(e.ctx, append([]string{cmp.Or(op.Original, op.ID)}, op.Earlier...), false)
	case op.Kind == stream.Destroy || op.Held != stream.Hidden || op.Decision.By == "":
		return nil
	case op.Kind == stream.Create || decided:
		return e.desk.Mark(e.ctx, reconcile.SavedIDs(op.State), true)
	}
	return nil
}

// flushBefore waits until a card is stored in its new place before it leaves the old one: the two
// channels are stored independently of each other.
func (e *emitter) flushBefore(op stream.Op) error {
	switch {
	case e.desk == nil || op.Kind != stream.Destroy || len(op.Names) > 0:
		return nil
	case op.Held != "":
		return e.timeline.Flush(e.ctx)
	}
	return e.desk.Flush(e.ctx)
}
