package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// Replay plays a file of recorded ops, one as JSON per line, as if they
// happened now: at the recorded pace, with all times moved to the present.
//
// A line may also be what a network sent: a message of Twitter's stream, of X's, of a
// Jetstream or of Mastodon's, which then has the time that it says itself. A file of
// Server-Sent Events, as Mastodon sends them too, is told by how it begins.
//
// A file may be compressed with gzip, begin with a byte order mark, end its
// lines with CRLF, hold blank lines and lack the last line's end. A line that
// is none of these, or longer than 4 MiB, is skipped and counted. What is
// appended while the file is played is played too, but its end is the end: a
// file is not waited for. A file without a single op is an error, and so is one
// that can't be opened or read; they are [Permanent], for a replay that was
// opened again would begin again.
type Replay struct {
	Name  string                        // for messages
	Open  func() (io.ReadCloser, error) // called once per round
	Speed float64                       // 1 as recorded, 2 twice as fast; must be above 0
	Loop  bool                          // begin again at the end, with new ids in each round
	Lead  time.Duration                 // so much of the beginning goes out at once, dated in the past
	Log   *slog.Logger                  // nil: slog.Default

	// Country is where the page is shown, by ISO 3166: posts of Twitter and X that
	// are withheld there are left out.
	Country string

	skipped atomic.Uint64
}

// File plays the file at path once.
func File(path string) *Replay {
	return &Replay{
		Name:  path,
		Open:  func() (io.ReadCloser, error) { return os.Open(path) },
		Speed: 1,
	}
}

// String is the name of the source in the log.
func (r *Replay) String() string { return "replay " + r.Name }

// Skipped counts the lines that could not be used, over all rounds.
func (r *Replay) Skipped() uint64 { return r.skipped.Load() }

// Stream plays the file, once or for ever.
func (r *Replay) Stream(ctx context.Context, emit func(Op) error) error {
	if err := r.stream(ctx, emit); err != nil {
		return Permanent(fmt.Errorf("%s: %w", r, err))
	}
	return nil
}

func (r *Replay) stream(ctx context.Context, emit func(Op) error) error {
	if !(r.Speed > 0) { // so that NaN is refused too
		return fmt.Errorf("speed %v is not above 0", r.Speed)
	}
	pace := newPace(r.Speed, r.Lead)
	for round := 1; ; round++ {
		ops, err := r.play(ctx, round, pace, emit)
		switch {
		case err != nil:
			return err
		case ops == 0:
			return errors.New("no posts in it")
		case !r.Loop:
			return nil
		}
		pace.rest(ops)
	}
}

// play emits the file once and returns the number of its ops.
func (r *Replay) play(ctx context.Context, round int, pace *pace, emit func(Op) error) (ops int, err error) {
	file, err := r.Open()
	if err != nil {
		return 0, err
	}
	defer file.Close()
	recording, err := newRecording(untilDone{ctx, file}, r.Country)
	if err != nil {
		return 0, err
	}
	for ; ; ops++ {
		op, err := recording.next()
		if err == io.EOF {
			r.report(round, recording)
			return ops, nil
		}
		if err == nil {
			err = emitDue(ctx, pace, op.renamed(round), emit)
		}
		if err != nil {
			return ops, err
		}
	}
}

// emitDue waits until op is due and emits it as what happens then.
func emitDue(ctx context.Context, pace *pace, op Op, emit func(Op) error) error {
	due := pace.due(op.At)
	if err := sleep(ctx, time.Until(due)); err != nil {
		return err
	}
	return emit(op.moved(due))
}

// report counts what was skipped, and tells it in the first round only: the
// others read the same file.
func (r *Replay) report(round int, done *recording) {
	r.skipped.Add(uint64(done.skipped))
	if done.skipped > 0 && round == 1 {
		cmp.Or(r.Log, slog.Default()).Warn("lines skipped", "source", r.String(),
			"count", done.skipped, "first", done.firstSkipped, "err", done.firstFault)
	}
}
