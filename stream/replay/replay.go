package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"sync/atomic"
	"time"

	"nagare/stream"
)

// Replay plays a file of recorded ops, one per line as JSON, as if they happened now: at the
// recorded pace, with all times moved to the present.
//
// A line can also be a message that a network sent. Its recorded time is then the time in the
// message. A file of Server-Sent Events is recognized by its beginning.
//
// A file can be compressed with gzip, begin with a byte order mark, end its lines with CRLF,
// contain blank lines and lack the last line end. Invalid lines, and lines longer than 4 MiB,
// are skipped and counted. Lines that are appended while the file is played are played too,
// but at the end of the file the replay does not wait for more.
//
// A file is an error if it has no new posts, or can't be opened or read. Such an error is
// [stream.Permanent]: after it, a reopened replay would only start from the beginning.
type Replay struct {
	Name  string                        // name of the recording, for log and errors
	Open  func() (io.ReadCloser, error) // called once per round
	Speed float64                       // 1: as recorded; 2: twice as fast; must be above 0
	Rate  float64                       // ops a second, instead of Speed; math.Inf(1): without waits; 0: use Speed
	Start time.Duration                 // recorded time to skip at the beginning of each round
	Loop  bool                          // at the end, begin again, with new ids in each round
	Run   string                        // part of all ids, so that a restarted replay has new ids too; empty: the ids of the file
	Lead  time.Duration                 // how much of the beginning is emitted at once, dated in the past; in recorded time
	Log   *slog.Logger                  // nil: slog.Default()

	// Decoders makes the decoders of the networks, which are made anew for each round. If it
	// is nil, only recorded ops are read.
	Decoders func() []stream.Decoder

	skipped atomic.Uint64
}

// File makes a replay that plays the file at path once.
func File(path string) *Replay {
	return &Replay{
		Name:  path,
		Open:  func() (io.ReadCloser, error) { return os.Open(path) },
		Speed: 1,
	}
}

// String is the name of the source in the log.
func (r *Replay) String() string { return "replay " + r.Name }

// Network is Post.Source of the replayed posts, in place of the id of a network.
func (r *Replay) Network() string { return "replay" }

// Skipped returns the number of lines that were skipped as invalid, in all rounds.
func (r *Replay) Skipped() uint64 { return r.skipped.Load() }

// Stream plays the file, once or for ever.
func (r *Replay) Stream(ctx context.Context, emit func(stream.Op) error) error {
	err := r.stream(ctx, emit)
	if err == nil {
		return nil
	}
	fault := stream.FaultUnreadable // for any error but a missing file
	if errors.Is(err, fs.ErrNotExist) {
		fault = stream.FaultGone
	}
	return stream.Permanent(stream.WithFault(fault, fmt.Errorf("%s: %w", r, err)))
}

func (r *Replay) stream(ctx context.Context, emit func(stream.Op) error) error {
	if !(r.Speed > 0) { // so that NaN is refused too
		return fmt.Errorf("speed %v is not above 0", r.Speed)
	}
	pace := newPace(r)
	for round := 1; ; round++ {
		if err := r.play(ctx, round, pace, emit); err != nil || !r.Loop {
			return err
		}
		pace.rest()
	}
}

// Check reads the file up to its first new post, and returns an error if there is none.
func (r *Replay) Check(ctx context.Context) error {
	found := errors.New("a post")
	err := r.play(ctx, 1, newPace(&Replay{Rate: math.Inf(1), Start: r.Start}), func(op stream.Op) error {
		if op.Kind == stream.Create {
			return found
		}
		return nil
	})
	if err == found {
		return nil
	}
	return err
}

func (r *Replay) decoders() []stream.Decoder {
	if r.Decoders == nil {
		return nil
	}
	return r.Decoders()
}

// play plays the file once.
func (r *Replay) play(ctx context.Context, round int, pace *pace, emit func(stream.Op) error) error {
	file, err := r.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	recording, err := newReader(untilDone{ctx, file}, r.decoders())
	if err != nil {
		return err
	}
	for {
		op, err := recording.next()
		if err == io.EOF {
			return r.endRound(round, pace, recording)
		}
		if err == nil {
			err = r.emitDue(ctx, pace, withRound(op, r.Run, round), emit)
		}
		if err != nil {
			return err
		}
	}
}

// longPause is the shortest wait that is reported to the operator, because the page shows
// nothing new during such a wait.
const longPause = time.Minute

// emitDue waits until op is due and emits it, dated to that time.
func (r *Replay) emitDue(ctx context.Context, pace *pace, op stream.Op, emit func(stream.Op) error) error {
	due, ok := pace.due(op.At)
	if !ok {
		return nil
	}
	if op.Kind == stream.Create {
		pace.posts++
	}
	wait := time.Until(due)
	if wait > longPause {
		return r.emitLate(ctx, wait, shifted(op, due), emit)
	}
	if err := stream.Sleep(ctx, wait); err != nil {
		return err
	}
	return emit(shifted(op, due))
}

// emitLate emits a Waiting status without a fault, waits, and then emits a Live status and op.
func (r *Replay) emitLate(ctx context.Context, wait time.Duration, op stream.Op, emit func(stream.Op) error) error {
	r.log().Info("long pause in the recording", "source", r.String(), "next_post_in", wait.Round(time.Second))
	waiting := stream.NewNotice(r, stream.Status, stream.Notice{State: stream.Waiting, Reason: "the next post is due at " + op.At.Format(time.RFC3339), Retry: op.At})
	if err := emit(waiting); err != nil {
		return err
	}
	if err := stream.Sleep(ctx, wait); err != nil {
		return err
	}
	if err := emit(stream.NewLive(r)); err != nil {
		return err
	}
	return emit(op)
}

// endRound counts the skipped lines of a round. It logs them only in the first round, because
// later rounds read the same file. It returns an error if the file has no new posts to emit: edits
// and deletes alone show nothing.
func (r *Replay) endRound(round int, pace *pace, done *reader) error {
	r.skipped.Add(uint64(done.skipped))
	switch {
	case pace.posts == 0 && pace.skip > 0 && !pace.last.IsZero():
		return fmt.Errorf("no posts after the first %v", pace.from)
	case pace.posts == 0 && done.skipped > 0:
		return fmt.Errorf("no posts in it: line %d: %w", done.firstSkipped, done.firstFault)
	case pace.posts == 0:
		return errors.New("no posts in it")
	case done.skipped > 0 && round == 1:
		r.log().Warn("lines skipped", "source", r.String(),
			"count", done.skipped, "first", done.firstSkipped, "err", done.firstFault)
	}
	return nil
}

func (r *Replay) log() *slog.Logger { return cmp.Or(r.Log, slog.Default()) }

// untilDone is a reader that ends with ctx. Without it, a line that decompresses to a terabyte
// would delay a shutdown.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
