// Package stream brings posts in. A [Source] tells what happens at a network,
// one [Op] at a time and in order; [Run] keeps a source going for as long as
// the program lives; [Replay] is the source that needs no network and no key:
// it plays a recorded file, and [Demo] is such a file, built in.
//
//	err := stream.Run(ctx, log, stream.Demo(), timeline.Emit)
//
// The package owns how a feed is read, paced and reopened, and the shape of a
// post. It leaves to others how a post looks, who gets it, and whether it has
// been seen before. It knows no HTTP server and starts no goroutine.
//
// Its promises, and the test that holds each:
//
//   - A broken feed is opened again, each time after a longer wait:
//     TestRun_ReopensABrokenFeedAfterGrowingWaits.
//   - A feed that breaks as soon as it opens doesn't get its short wait back:
//     TestRun_ForgetsTheWaitsOnlyAfterAMinuteOfLife.
//   - The end of ctx ends Run at once, even in the longest wait, and nothing
//     outlives the call: TestRun_EndsWithItsContextInTheLongestWait,
//     TestReplay_StopsAtOnceInTheMiddleOfAFile.
//   - What waiting can't mend ends Run: TestRun_GivesUpWhenWaitingCannotHelp.
//   - One bad line never ends a replay: TestReplay_ReadsOddFiles.
//   - No line, not even one inflated from a few bytes, takes more memory than
//     the limit: TestLines_HoldNoMoreThanTheLimit.
//   - A replay keeps the recorded pace: TestReplay_KeepsTheRecordedPace.
//   - A replay that loops never uses an id twice, and its edits and deletes
//     still find their posts: TestReplay_LoopsWithNewIDs.
package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Source is a feed of posts.
type Source interface {
	// Stream emits in order until ctx ends, the feed breaks, or emit objects,
	// and returns the reason. It returns nil if the feed came to its end and
	// has nothing more to say. Whatever it starts has ended when it returns.
	Stream(ctx context.Context, emit func(Op) error) error
}

// Permanent marks err as one that waiting can't mend: [Run] gives up at it.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

func isPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

// Run hands what src tells to emit, and opens src again, after a wait, each
// time it breaks. It returns nil when ctx ends or src has come to its end, the
// error of emit as it is if emit objects, and an error marked by [Permanent]
// when src can't go on. Whatever becomes of the feed is emitted too, as a Status.
func Run(ctx context.Context, log *slog.Logger, src Source, emit func(Op) error) error {
	f := &feeding{src: src, emit: emit}
	log = log.With("source", name(src))
	waits := backoff{waits: waitsOf(src)}
	for {
		f.tell(Connecting, "", time.Time{})
		opened := time.Now()
		err := f.once(ctx)
		switch {
		case f.rejected != nil:
			return f.rejected
		case ctx.Err() != nil:
			return nil
		case err == nil:
			log.Info("feed finished")
			f.tell(Finished, "", time.Time{})
			return nil
		case isPermanent(err):
			f.tell(Stopped, err.Error(), time.Time{})
			return err
		}
		wait := waits.next(err, f.state == Live, time.Since(opened))
		log.Warn("feed broke, reopening", "in", wait, "err", err)
		f.tell(Waiting, err.Error(), time.Now().Add(wait))
		if sleep(ctx, wait) != nil {
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
		if f.state != Live && op.Kind != Status {
			f.tell(Live, "", time.Time{})
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
func (f *feeding) tell(state State, reason string, retry time.Time) {
	f.state = state
	if f.rejected == nil {
		f.rejected = f.emit(notice(f.src, Status, Notice{State: state, Reason: reason, Retry: retry}))
	}
}

// notice makes an op of what is new of a feed.
func notice(src Source, kind Kind, n Notice) Op {
	n.Source = name(src)
	return Op{Kind: kind, At: time.Now(), Notice: &n}
}

// live is what a source emits when its server has answered and only posts are missing.
func live(src Source) Op { return notice(src, Status, Notice{State: Live}) }

// name is what a source is called in the log: its String, or else its type.
func name(src Source) string {
	if s, ok := src.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", src)
}
