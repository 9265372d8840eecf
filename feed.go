package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"nagare/stream"
	"nagare/web"
)

// runFeeds emits what the sources tell until ctx ends. A source that can't go on
// leaves the site, which says why, with what it has shown: whoever started the
// program anew for it would call upon the network that has just refused us. Only if
// there was nothing but recordings, none of which can be read, it is an error.
func runFeeds(ctx context.Context, c config, log *slog.Logger, timeline *web.Timeline, recorder *stream.Recorder) error {
	emit := stream.NewLedger(func(op stream.Op) error { return timeline.Emit(ctx, op) }, nil).Emit
	if recorder != nil {
		emit = takingBack(recorder, emit)
	}
	sources := c.feeds.sources(log)
	var (
		mu     sync.Mutex
		faults []error
	)
	var group errgroup.Group
	for _, src := range sources {
		group.Go(func() error {
			err := stream.Run(ctx, log, src, emit)
			if err == nil || ctx.Err() != nil {
				return nil
			}
			log.Error("feed stopped", "source", fmt.Sprint(src), "err", err)
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, err)
			return nil
		})
	}
	group.Wait()
	if c.feeds.recorded() && len(faults) == len(sources) {
		return errors.Join(faults...)
	}
	return nil
}

// record has all that the timeline shows recorded, wherever it comes from, until the
// returned recorder is closed; it is nil if there is no file to record into.
func record(c config, timeline *web.Timeline, log *slog.Logger) (*stream.Recorder, error) {
	if c.record == "" {
		return nil, nil
	}
	recorder, err := stream.Record(c.record, log)
	if err != nil {
		return nil, err
	}
	timeline.Record = recorder.Record
	return recorder, nil
}

// takingBack tells the recorder, too, what is taken back: the ledger, behind emit,
// says nothing of posts that it has forgotten, and the file still has those.
func takingBack(recorder *stream.Recorder, emit func(stream.Op) error) func(stream.Op) error {
	return func(op stream.Op) error {
		err := emit(op)
		recorder.TakeBack(op)
		return err
	}
}

// checkWait is how long a source may take to be tried.
const checkWait = 20 * time.Second

// check tries every source and tells how it went.
func check(ctx context.Context, c config, out io.Writer) error {
	log := slog.New(slog.DiscardHandler) // what is wrong is told as the result
	var faults []error
	sources := c.feeds.sources(log)
	for _, src := range sources {
		ctx, cancel := context.WithTimeout(ctx, checkWait)
		err := stream.Check(ctx, src)
		cancel()
		if err != nil {
			fmt.Fprintf(out, "%v: %v\n", src, err)
			faults = append(faults, err)
			continue
		}
		fmt.Fprintf(out, "%v: fine\n", src)
	}
	if len(faults) == 0 {
		return nil
	}
	otherwise := func(err error) bool { return !stream.Refused(err) }
	return &checkError{len(faults), len(faults) == len(sources) && !slices.ContainsFunc(faults, otherwise)}
}

// checkError sums up what has been told line by line.
type checkError struct {
	faults  int
	refused bool // all sources refused our credentials
}

func (e *checkError) Error() string { return fmt.Sprintf("%d of the sources won't work", e.faults) }
