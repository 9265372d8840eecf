package stream

import (
	"context"
	"log/slog"
	"time"
)

// Run passes the ops of src to emit. Each time src breaks, Run waits and opens it again. It
// returns nil when ctx or src ends, the error of emit unchanged if emit fails, and an error
// marked by [Permanent] if src can't go on. Run also emits each state of the source, as a
// [Status].
func Run(ctx context.Context, log *slog.Logger, src Source, emit func(Op) error) error {
	log = log.With("source", name(src))
	r := &run{src: src, emit: emit, log: log}
	waits := Backoff{Waits: waitsOf(src)}
	for {
		r.emitState(Connecting, nil, time.Time{})
		opened := time.Now()
		err := Plain(r.open(ctx))
		switch {
		case r.emitErr != nil:
			return r.emitErr
		case ctx.Err() != nil:
			return nil
		case err == nil:
			log.Info("feed finished")
			r.emitState(Finished, nil, time.Time{})
			return nil
		case IsPermanent(err):
			r.emitState(Stopped, err, time.Time{})
			return err
		}
		wait := waits.Next(err, time.Since(opened))
		log.Warn("feed broke, reopening", "in", wait, "err", err)
		r.emitState(Waiting, err, time.Now().Add(wait))
		if Sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// run is the state of one call of [Run].
type run struct {
	src     Source
	emit    func(Op) error
	log     *slog.Logger
	state   State
	posted  bool  // a post has come since Run was called
	emitErr error // the first error of emit
}

// open opens the source once. The error of emit is stored apart from the error of the source,
// because a source can wrap or swallow the error of emit.
func (r *run) open(ctx context.Context) error {
	if r.emitErr != nil {
		return r.emitErr
	}
	return r.src.Stream(ctx, func(op Op) error {
		switch op.Kind {
		case Create, Update:
			r.posted = true
			if r.state == Connecting || r.state == Silent {
				r.emitState(Live, nil, time.Time{})
			}
		case Status:
			op = r.stated(op)
		}
		if r.emitErr == nil {
			r.emitErr = r.emit(op)
		}
		return r.emitErr
	})
}

// stated notes the state in a [Status] of the source, and logs the reason if no posts come. Until
// the first post, a source that is live counts as silent: a connection can succeed and yet bring
// nothing.
func (r *run) stated(op Op) Op {
	if op.Notice.State == Live && !r.posted {
		op = NewStatus(r.src, Silent, nil, time.Time{})
	}
	if r.state = op.Notice.State; r.state == Silent && op.Notice.Fault != "" {
		r.log.Warn("source is connected but brings nothing", "err", op.Notice.Reason)
	}
	return op
}

// emitState emits that the source is in another state.
func (r *run) emitState(state State, why error, retry time.Time) {
	r.state = state
	if r.emitErr == nil {
		r.emitErr = r.emit(NewStatus(r.src, state, why, retry))
	}
}

// NewStatus makes a [Status] op: src is now in state. The error why is the reason, or nil;
// retry is the time of the next attempt, or zero.
func NewStatus(src Source, state State, why error, retry time.Time) Op {
	n := Notice{State: state, Fault: FaultOf(why), Retry: retry}
	if why != nil {
		n.Reason = Plain(why).Error()
	}
	return NewNotice(src, Status, n)
}

// NewNotice makes an op with a notice about src.
func NewNotice(src Source, kind Kind, n Notice) Op {
	n.Source, n.Network = name(src), network(src)
	return Op{Kind: kind, At: time.Now(), Notice: &n}
}

// NewLive makes a [Status] op for a source that is connected, even if it has no posts to emit
// yet.
func NewLive(src Source) Op { return NewStatus(src, Live, nil, time.Time{}) }

// EmitLive emits that src is connected. If an earlier connection of src has last read something at
// since, it also emits the gap from then to now, with the reason why the earlier one ended.
func EmitLive(src Source, emit func(Op) error, since, now time.Time, reason string) error {
	if err := emit(NewLive(src)); err != nil || since.IsZero() {
		return err
	}
	return emit(NewNotice(src, Gap, Notice{From: since, To: now, Reason: reason}))
}
