package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"nagare/stream"
	"nagare/web"
)

// sourcesConfig is where posts come from, and which of them are shown.
type sourcesConfig struct {
	list     []sourceConfig // none if posts are only published
	ids      []string       // of the list, as in --source
	country  string         // ISO code of the audience; empty: unknown
	stateDir string         // empty: nothing is remembered
	wanted   wanted
}

// sourceConfig is the plain data of one value of --source.
type sourceConfig interface {
	// build makes its sources, which may be several.
	build(shared) []stream.Source
}

// shared is what all sources of a run have in common.
type shared struct {
	log     *slog.Logger
	saved   *stream.Saved
	country string
	filter  *stream.Filter

	// matched is the filter for networks that match the words themselves, by rules of
	// their own: also in the address of a link.
	matched *stream.Filter
}

// build makes the sources anew. A network's source is bounded, filtered and queued, so
// that no network waits for this program.
func (c sourcesConfig) build(log *slog.Logger) []stream.Source {
	common := shared{
		log: log, saved: &stream.Saved{Dir: c.stateDir}, country: c.country,
		filter: c.wanted.filter(c.wanted.words), matched: c.wanted.filter(nil),
	}
	var out []stream.Source
	for _, source := range c.list {
		out = append(out, source.build(common)...)
	}
	return out
}

func live(src stream.Source, filter *stream.Filter) stream.Source {
	return stream.Buffered(stream.Filtered(stream.Bounded(src), filter))
}

// replayConfig is a recording: the demo, or a file.
type replayConfig struct {
	file  string // empty: the demo
	speed float64
	rate  float64 // 0: at speed
	start time.Duration
	loop  bool
}

// build makes a source without a queue: it waits for its reader, and loses nothing.
func (c replayConfig) build(s shared) []stream.Source {
	r := stream.Demo()
	if c.file != "" {
		r = stream.File(c.file)
		r.Rate, r.Start, r.Loop = c.rate, c.start, c.loop
	}
	r.Speed, r.Country, r.Log = c.speed, s.country, s.log
	return []stream.Source{stream.Filtered(stream.Bounded(r), s.filter)}
}

// sample reports whether some posts are of a recording. The page must say so.
func (c sourcesConfig) sample() bool {
	return slices.ContainsFunc(c.list, isReplay)
}

// recorded reports whether all sources are recordings.
func (c sourcesConfig) recorded() bool {
	return !slices.ContainsFunc(c.list, func(s sourceConfig) bool { return !isReplay(s) })
}

func isReplay(s sourceConfig) bool {
	_, is := s.(replayConfig)
	return is
}

// name is the text for the sources on the status line.
func (c sourcesConfig) name() string { return cmp.Or(strings.Join(c.ids, "+"), "none") }

// runSources emits what the sources tell until ctx ends. A source that can't go on
// leaves the site running, which shows its posts and the reason: a restart would only
// call a network again that has just refused the credentials. It is an error only if
// all sources are recordings and none can be played.
func runSources(ctx context.Context, c sourcesConfig, log *slog.Logger, timeline *web.Timeline, recorder *stream.Recorder) error {
	emit := stream.NewLedger(func(op stream.Op) error { return timeline.Emit(ctx, op) }, nil).Emit
	if recorder != nil {
		emit = erasing(recorder, emit)
	}
	sources := c.build(log)
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
			if faults = append(faults, err); len(sources) > 1 || !c.recorded() { // else the returned error says it
				log.Error("source stopped", "source", fmt.Sprint(src), "err", err)
			}
			return nil
		})
	}
	group.Wait()
	switch {
	case !c.recorded() || len(faults) == 0 || len(faults) < len(sources):
		return nil
	case len(faults) == 1:
		return faults[0]
	}
	return fmt.Errorf("none of the %d recordings can be played", len(faults))
}

// erasing passes deletions on to the recorder too: the ledger, behind emit, says
// nothing of posts that it has forgotten, and the file still has those.
func erasing(recorder *stream.Recorder, emit func(stream.Op) error) func(stream.Op) error {
	return func(op stream.Op) error {
		err := emit(op)
		recorder.TakeBack(op)
		return err
	}
}

// checkWait is how long the check of a source may take.
const checkWait = 20 * time.Second

// check tests every source and prints the results.
func check(ctx context.Context, c sourcesConfig, out io.Writer) error {
	var faults []error
	sources := c.build(slog.New(slog.DiscardHandler)) // the result says what is wrong
	for _, src := range sources {
		ctx, cancel := context.WithTimeout(ctx, checkWait)
		err := stream.Check(ctx, src)
		cancel()
		if err != nil {
			fmt.Fprintf(out, "%v: %v\n", src, err)
			faults = append(faults, err)
			continue
		}
		fmt.Fprintf(out, "%v: ok\n", src)
	}
	if len(faults) == 0 {
		return nil
	}
	otherwise := func(err error) bool { return !stream.Refused(err) }
	return &checkError{len(faults), len(sources), len(faults) == len(sources) && !slices.ContainsFunc(faults, otherwise)}
}

// checkError is the result of a check that found faults.
type checkError struct {
	faults, sources int
	refused         bool // all sources refused the credentials
}

func (e *checkError) Error() string {
	return fmt.Sprintf("check: %d of %d sources failed", e.faults, e.sources)
}

// Checking the settings.

// sources reads where posts come from.
func (c *checker) sources(req request) sourcesConfig {
	s := req.settings
	conf := sourcesConfig{country: c.country(s.Country), stateDir: c.directory(s.StateDir), wanted: c.wanted(s)}
	playing := replayConfig{speed: c.number("speed", s.Speed, 0.001, 1000, "a number from 0.001 to 1000")}
	if req.command == "replay" {
		c.readable("FILE", req.file)
		conf.ids, conf.list = []string{replay}, []sourceConfig{c.playing(playing, req)}
	} else {
		c.sourceList(&conf, playing, s)
	}
	c.withoutEffect(conf)
	return conf
}

const (
	demo   = "demo"
	replay = "replay"
)

// sourceList reads --source into conf.
func (c *checker) sourceList(conf *sourcesConfig, playing replayConfig, s settings) {
	for _, value := range s.Source {
		value = strings.TrimSpace(value)
		if value == "" || value == "none" && len(s.Source) == 1 {
			continue
		}
		id, file, _ := strings.Cut(value, ":")
		n := slices.IndexFunc(networks, func(n network) bool { return n.id == value })
		switch {
		case id != replay && slices.Contains(conf.ids, value):
			c.fault("source", "%s twice, want it once", value)
			continue
		case value == demo:
			conf.list = append(conf.list, playing)
		case n >= 0:
			conf.list = append(conf.list, networks[n].configure(c, s, conf.wanted))
		case id == replay && file != "":
			c.readable("source", file)
			playing := playing
			playing.file = file
			conf.list = append(conf.list, playing)
		default:
			c.fault("source", "%s, want %s, demo, replay:FILE, or none by itself", shown(value), strings.Join(networkIDs(), ", "))
			continue
		}
		conf.ids = append(conf.ids, id)
	}
}

// playing reads the flags of the command replay.
func (c *checker) playing(r replayConfig, req request) replayConfig {
	r.file, r.loop = req.file, req.replay.Loop
	r.start = c.span("start", req.replay.Start, math.MaxInt64, "a time such as 90s or 2h")
	switch rate := req.replay.Rate; {
	case rate == "max":
		r.rate = math.Inf(1)
	case rate != "":
		r.rate = c.number("rate", rate, 0.001, 100_000, "posts a second from 0.001 to 100000, or max")
	}
	if r.rate != 0 && c.given.name("speed") == "--speed" && c.given.has("speed") {
		c.fault("rate", "given with --speed, want one of the two")
	}
	return r
}

// withoutEffect notes settings that were set for sources that aren't used.
func (c *checker) withoutEffect(conf sourcesConfig) {
	if c.given.has("speed") && !conf.sample() {
		c.note("speed", "no effect, since no source is a recording")
	}
	for _, n := range networks {
		if slices.Contains(conf.ids, n.id) {
			continue
		}
		for _, flag := range n.flags {
			if c.given.has(flag) {
				c.note(flag, "no effect, since %s is not among the sources", n.id)
			}
		}
	}
}

func (c *checker) readable(flag, file string) {
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		c.fault(flag, "no file %s, want a file of recorded posts", shownPath(file))
	}
}

func (c *checker) directory(s string) string {
	if info, err := os.Stat(s); s != "" && (err != nil || !info.IsDir()) {
		c.fault("state-dir", "no directory %s, want a writable one", shownPath(s))
	}
	return s
}
