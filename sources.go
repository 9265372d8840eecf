package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/recording"
	"nagare/stream/replay"
)

// sourcesConfig says from which sources posts come.
type sourcesConfig struct {
	stream.Site
	list    []stream.Configuration // empty if posts come from POST /streaming only
	ids     []string               // names of the sources in the list, as given in --source
	country string                 // ISO code of the audience's country; empty: unknown
}

// build makes new sources from the configuration. They count their requests in lookups, which may be
// nil.
func (c sourcesConfig) build(saved stream.Store, log *slog.Logger, lookups *stream.Lookups) (all []stream.Source) {
	rt := c.runtime(saved, log)
	rt.Lookups = lookups
	for _, source := range c.list {
		all = append(all, source.Build(rt)...)
	}
	return all
}

func (c sourcesConfig) runtime(saved stream.Store, log *slog.Logger) stream.Runtime {
	matched := c.Wanted
	matched.Words = nil
	return stream.Runtime{
		Log: log, Store: saved, Country: c.country,
		Filter: stream.NewFilter(c.Wanted), Matched: stream.NewFilter(matched),
	}
}

// replayConfig says how to play a recording: the demo, or a file.
type replayConfig struct {
	file  string // empty: the demo
	speed float64
	rate  float64 // posts per second; 0: as recorded, times speed
	start time.Duration
	loop  bool
}

// Build makes a source without a queue: the recording waits while the timeline is busy, so no post
// is dropped.
func (c replayConfig) Build(rt stream.Runtime) []stream.Source {
	r := replay.Demo()
	if c.file != "" {
		r = replay.File(c.file)
		r.Rate, r.Start, r.Loop = c.rate, c.start, c.loop
	}
	if r.Loop {
		r.Run = strconv.FormatInt(time.Now().UnixMilli(), 36) // after a restart, the posts are new posts
	}
	r.Speed, r.Log = c.speed, rt.Log
	r.Decoders = func() []stream.Decoder { return networks.Decoders(rt.Country) }
	return []stream.Source{stream.Filtered(stream.Bounded(r), rt.Filter)}
}

// sample reports whether any of the posts come from a recording. If so, the page must say that
// they are samples.
func (c sourcesConfig) sample() bool {
	return slices.ContainsFunc(c.list, isReplay)
}

// recorded reports whether all sources are recordings.
func (c sourcesConfig) recorded() bool {
	return !slices.ContainsFunc(c.list, func(s stream.Configuration) bool { return !isReplay(s) })
}

func isReplay(s stream.Configuration) bool {
	_, is := s.(replayConfig)
	return is
}

// name returns the names of the sources for the status line.
func (c sourcesConfig) name() string { return cmp.Or(strings.Join(c.ids, "+"), "none") }

// runSources passes the ops of all sources to emit until ctx ends. If a source fails for good, the
// site stays up and shows its posts and the reason: if the program ended, a supervisor would
// restart it, and it would call again a network that has just refused its credentials. runSources
// returns an error only if all sources are recordings and none of them can be played.
func runSources(ctx context.Context, sources []stream.Source, recorded bool, log *slog.Logger, emit func(stream.Op) error) error {
	var (
		mu     sync.Mutex
		faults []error
		group  errgroup.Group
	)
	for _, src := range sources {
		group.Go(func() error {
			err := stream.Run(ctx, log, src, emit)
			if err == nil || ctx.Err() != nil {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if faults = append(faults, err); len(sources) > 1 || !recorded { // else the returned error reports it
				log.Error("source stopped", "source", fmt.Sprint(src), "err", err)
			}
			return nil
		})
	}
	group.Wait()
	switch {
	case !recorded || len(faults) == 0 || len(faults) < len(sources):
		return nil
	case len(faults) == 1:
		return faults[0]
	}
	return fmt.Errorf("none of the %d recordings can be played", len(faults))
}

// erasing passes each deletion to the recorder as well as to emit. The reconciler behind emit
// drops the deletion of a post that it has forgotten, but the recording still contains that post.
func erasing(recorder *recording.Recorder, emit func(stream.Op) error) func(stream.Op) error {
	return func(op stream.Op) error {
		err := emit(op)
		recorder.Erase(op)
		return err
	}
}

// checkWait is the time limit for the check of one source.
const checkWait = 20 * time.Second

// longestFault is the limit for an error in the output of a check, in characters. An error can
// quote a file or the response of a network.
const longestFault = 1000

// check tests every source and prints the results to out.
func check(ctx context.Context, c sourcesConfig, out io.Writer) error {
	var faults []error
	sources := c.build(nil, slog.New(slog.DiscardHandler), nil) // the printed result contains the error
	if len(sources) == 0 {
		fmt.Fprintln(out, "no sources to check")
	}
	for _, src := range sources {
		ctx, cancel := context.WithTimeout(ctx, checkWait)
		err := stream.Check(ctx, src)
		cancel()
		if err != nil {
			fmt.Fprintln(out, oneLine(cut(fmt.Sprintf("%v: %v", src, err), longestFault)))
			faults = append(faults, err)
			continue
		}
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%v: ok", src)))
	}
	if len(faults) == 0 {
		return nil
	}
	otherwise := func(err error) bool { return !stream.Refused(err) }
	return &checkError{len(faults), len(sources), len(faults) == len(sources) && !slices.ContainsFunc(faults, otherwise)}
}

// checkError is the error of a check that found at least one failing source.
type checkError struct {
	faults, sources int
	refused         bool // all sources refused the credentials
}

func (e *checkError) Error() string {
	return fmt.Sprintf("check: %d of %d sources failed", e.faults, e.sources)
}
