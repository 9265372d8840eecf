// Package stream brings posts in. A [Source] tells what happens at a network,
// one [Op] at a time and in order; [Run] keeps a source going for as long as
// the program lives.
//
//	Bluesky ─ Mastodon ─ X ─ Twitter ─ Replay      sources: read, and put into our words
//	   │         │       │      │        │
//	   └─────────┴── Bounded ───┴────────┘         no post takes more than its share
//	             ┌── Filtered ──┐                  what nobody wants to see is left out (Bluesky does it itself)
//	             └── Buffered ──┘                  no network waits for us
//	                 Ledger                        one for all: each post is one card
//	                   │
//	         create, update, destroy ─▶ the timeline, and a Recorder
//
// A source is read by [Run], which opens it again when it breaks, by the rules of
// its network, and tells how it is:
//
//	ledger := stream.NewLedger(timeline.Emit, nil)
//	err := stream.Run(ctx, log, stream.Buffered(stream.Bounded(&stream.Bluesky{})), ledger.Emit)
//
// [Replay] needs no network and no key: it plays a file, of a [Recorder] or of what
// a network sent, through the same decoders; [Demo] is such a file, built in.
//
// The package owns how feeds are read, paced and reopened, what a post is, and
// which of all that is told about it still counts. It leaves to others how a post
// looks and who gets it. It knows no HTTP server, and starts no goroutine that
// outlives the call.
//
// Its promises, and the test that holds each:
//
//   - A broken feed is opened again, each time after a longer wait:
//     TestRun_ReopensABrokenFeedAfterGrowingWaits.
//   - A server that accepts us only to hang up is called less and less, by every
//     source: TestHammer_TenConnectsAMinuteAtMost.
//   - The end of ctx ends Run at once, even in the longest wait, and nothing
//     outlives the call: TestRun_EndsWithItsContextInTheLongestWait,
//     TestReplay_5_StopsAtOnceInTheMiddleOfAFile, and those after it of each source.
//   - What waiting can't mend ends Run: TestRun_GivesUpWhenWaitingCannotHelp.
//   - Whatever the order and however often things are told, the same posts are
//     left: TestLedger_ComesToTheSameInAnyOrder.
//   - What its author took back is never said again:
//     TestLedger_NeverSaysWhatIsGone.
//   - Of too many posts some are left out, and counted; never what takes one away:
//     TestBuffered_3_6_12_LeavesOutPostsButNoDeletes.
//   - What still waits when the program ends, or is killed, comes again after the
//     next start, where the network can tell it again:
//     TestBluesky_WhatWasQueuedWhenItStoppedComesAgain, and the like of Mastodon.
//   - A text is cut by its network's own rule, and nothing of it is lost:
//     TestTwitter_1_7_15_CutsEveryRecordedTextExactly, and its likes.
//   - A token is in no log, address or op: TestX_2_6_16_TheTokenIsSeenNowhere,
//     TestMastodon_4_6_17_TheTokenIsInNoLogAddressOrOp.
//   - One bad line never ends a replay: TestReplay_ReadsOddFiles.
//   - No line, not even one inflated from a few bytes, takes more memory than
//     the limit: TestLines_HoldNoMoreThanTheLimit.
//   - No post takes more than 64 KiB, however long the line was that brought it:
//     TestBounded_CutsWhatIsTooLong.
//   - A replay keeps the recorded pace: TestReplay_5_KeepsTheRecordedPace.
//   - A replay that loops never uses an id twice, and its edits and deletes
//     still find their posts: TestReplay_LoopsWithNewIDs.
//   - A recording ends with a whole line, whatever becomes of the disk:
//     TestRecorder_LeavesWholeLinesOnAFullDisk.
//   - Words that were taken back are in no recording any more, nor in those of
//     earlier runs: TestRecorder_ErasesWhatIsTakenBack and those after it.
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
		case isPermanent(err):
			f.tell(Stopped, err, time.Time{})
			return err
		}
		wait := waits.next(err, time.Since(opened))
		log.Warn("feed broke, reopening", "in", wait, "err", err)
		f.tell(Waiting, err, time.Now().Add(wait))
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
		f.rejected = f.emit(status(f.src, state, why, retry))
	}
}

// status is what a source emits when it is in another state.
func status(src Source, state State, why error, retry time.Time) Op {
	n := Notice{State: state, Fault: FaultOf(why), Retry: retry}
	if why != nil {
		n.Reason = why.Error()
	}
	return notice(src, Status, n)
}

// notice makes an op of what is new of a feed.
func notice(src Source, kind Kind, n Notice) Op {
	n.Source, n.Network = name(src), network(src)
	return Op{Kind: kind, At: time.Now(), Notice: &n}
}

// live is what a source emits when its server has answered and only posts are missing.
func live(src Source) Op { return status(src, Live, nil, time.Time{}) }

// name is what a source is called in the log: its String, or else its type.
func name(src Source) string {
	if s, ok := src.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", src)
}

// network is what src reads, as the Source of its posts, or empty if it doesn't say.
func network(src Source) string {
	if s, ok := src.(interface{ Network() string }); ok {
		return s.Network()
	}
	return ""
}
