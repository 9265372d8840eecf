package stream

import (
	"context"
	"log/slog"
	"time"
)

// Run hands what src tells to emit, and opens src again, after a wait, each
// time it breaks. It returns nil when ctx ends or src has come to its end, the
// error of emit as it is if emit objects, and an error marked by [Permanent]
// when src can't go on. Whatever becomes of the feed is emitted too, as a Status.
func Run(ctx context.Context, log *slog.Logger, src Source, emit func(Op) error) error {
	f := &feeding{src: src, emit: emit}
	log = log.With("source", name(src))
	waits := Backoff{Waits: waitsOf(src)}
	for {
		f.tell(Connecting, nil, time.Time{})
		opened := time.Now()
		err := f.once(ctx)
		switch {
		case f.rejected != nil:
			return f.rejected
		case ctx.Err() != nil:
			return nil
		case err == nil:
			log.Info("feed finished")
			f.tell(Finished, nil, time.Time{})
			return nil
		case IsPermanent(err):
			f.tell(Stopped, err, time.Time{})
			return err
		}
		wait := waits.Next(err, time.Since(opened))
		log.Warn("feed broke, reopening", "in", wait, "err", err)
		f.tell(Waiting, err, time.Now().Add(wait))
		if Sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// feeding is a source that runs.
type feeding struct {
	src      Source
	emit     func(Op) error
	state    State
	rejected error // what emit objected to
}

// once opens the source a single time. What emit objected to is told apart from
// how the source ended, because a source may wrap, or swallow, the error of emit.
func (f *feeding) once(ctx context.Context) error {
	if f.rejected != nil {
		return f.rejected
	}
	return f.src.Stream(ctx, func(op Op) error {
		if f.state == Connecting && (op.Kind == Create || op.Kind == Update) {
			f.tell(Live, nil, time.Time{})
		}
		if f.rejected != nil {
			return f.rejected
		}
		if op.Kind == Status {
			f.state = op.Notice.State
		}
		f.rejected = f.emit(op)
		return f.rejected
	})
}

// tell emits that the feed is in another state.
func (f *feeding) tell(state State, why error, retry time.Time) {
	f.state = state
	if f.rejected == nil {
		f.rejected = f.emit(NewStatus(f.src, state, why, retry))
	}
}

// status is what a source emits when it is in another state.
func NewStatus(src Source, state State, why error, retry time.Time) Op {
	n := Notice{State: state, Fault: FaultOf(why), Retry: retry}
	if why != nil {
		n.Reason = why.Error()
	}
	return NewNotice(src, Status, n)
}

// notice makes an op of what is new of a feed.
func NewNotice(src Source, kind Kind, n Notice) Op {
	n.Source, n.Network = name(src), network(src)
	return Op{Kind: kind, At: time.Now(), Notice: &n}
}

// live is what a source emits when its server has answered and only posts are missing.
func NewLive(src Source) Op { return NewStatus(src, Live, nil, time.Time{}) }
