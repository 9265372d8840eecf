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
// when src can't go on.
func Run(ctx context.Context, log *slog.Logger, src Source, emit func(Op) error) error {
	log = log.With("source", name(src))
	var waits backoff
	for {
		opened := time.Now()
		rejected, err := once(ctx, src, emit)
		switch {
		case ctx.Err() != nil:
			return nil
		case rejected != nil:
			return rejected
		case err == nil:
			log.Info("feed finished")
			return nil
		case isPermanent(err):
			return err
		}
		wait := waits.next(time.Since(opened))
		log.Warn("feed broke, reopening", "in", wait, "err", err)
		if sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// once opens src a single time. It tells what emit objected to apart from how
// src ended, because a source may wrap, or swallow, the error of emit.
func once(ctx context.Context, src Source, emit func(Op) error) (rejected, ended error) {
	ended = src.Stream(ctx, func(op Op) error {
		if rejected == nil {
			rejected = emit(op)
		}
		return rejected
	})
	return rejected, ended
}

// name is what a source is called in the log: its String, or else its type.
func name(src Source) string {
	if s, ok := src.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", src)
}
