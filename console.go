package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/term"

	"nagare/hub"
	"nagare/stream"
	"nagare/web"
)

// screen is the output of the program. On a terminal, it shows the log and keeps a status line
// below the log. Anywhere else, it writes the lines of the log only.
type screen struct {
	live bool       // the status line is redrawn in place
	text bool       // the log is text for people, not JSON
	wide func() int // returns the width of the terminal in columns
	out  io.Writer

	mu   sync.Mutex
	line string // the status line as drawn; empty: none
}

func newScreen(stdout io.Writer, c config) *screen {
	s := &screen{out: stdout, wide: func() int { return 80 }}
	if file, ok := stdout.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		s.text = true
		s.live = !c.plain
		s.wide = func() int {
			columns, _, err := term.GetSize(int(file.Fd()))
			if err != nil || columns == 0 { // the terminal doesn't report its width
				return 80
			}
			return columns
		}
	}
	return s
}

// Write puts a log line above the status line.
func (s *screen) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line == "" {
		return escaping{s.out}.Write(line)
	}
	_, err := fmt.Fprintf(s.out, "\r\x1b[K%s%s", printable(string(line)), s.line)
	return len(line), err
}

// draw replaces the status line. An empty line removes it.
func (s *screen) draw(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line = oneLine(line)
	if runes, wide := []rune(line), s.wide(); len(runes) >= wide {
		line = string(runes[:max(wide-1, 0)])
	}
	s.line = line
	fmt.Fprintf(s.out, "\r\x1b[K%s", line)
}

// statusSources are the parts of the program from which the status line is made.
type statusSources struct {
	sources  string
	timeline *web.Timeline
	hub      *hub.Hub
	home     string
}

// The intervals at which the status is reported.
const (
	redrawEvery = time.Second
	reportEvery = time.Minute // where the output is no terminal
)

// run reports the status repeatedly until ctx ends.
func (s *screen) run(ctx context.Context, g statusSources, log *slog.Logger) error {
	every := reportEvery
	if s.live {
		every = redrawEvery
		defer s.draw("")
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	rate := meter{every: every}
	for first := true; ; first = false {
		var perSecond float64
		if !first { // posts that were there before the first interval don't count for the rate
			perSecond = rate.feed(g.timeline.Posts())
		}
		if s.live {
			s.draw(g.line(perSecond))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !s.live {
			log.Info("status", "state", g.worst().State, "source", g.sources, "posts", g.timeline.Posts(),
				"viewers", g.hub.Stats().Connections, "kept", g.timeline.Kept())
		}
	}
}

// line returns the status as one line, such as "● live · demo · 2.1 posts/s · 3 viewers · 1,204
// kept · http://127.0.0.1:8080". If a source isn't live, its name and the reason come last,
// because a long line is cut.
func (g statusSources) line(perSecond float64) string {
	worst := g.worst()
	line := fmt.Sprintf("● %s · %s · %.1f posts/s · %s viewers · %s kept · %s", worst.State, g.sources,
		perSecond, thousands(g.hub.Stats().Connections), thousands(int64(g.timeline.Kept())), g.home)
	if worst.Reason != "" {
		line += " · " + worst.Name + ": " + worst.Reason
	}
	return line
}

// worst returns the state of the source that is furthest from live, by the order of states.
func (g statusSources) worst() web.SourceState {
	worst := web.SourceState{State: stream.Live}
	for _, s := range g.timeline.Sources() {
		if !s.Connected() && slices.Index(states, s.State) > slices.Index(states, worst.State) {
			worst = s
		}
	}
	return worst
}

// states lists the states from best to worst. Without any source the site counts as live, because
// posts can still be published to it.
var states = []stream.State{stream.Live, stream.Finished, stream.Connecting, stream.Silent, stream.Waiting, stream.Stopped}

// thousands formats n with a comma before each group of three digits, as in 1,204.
func thousands(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return thousands(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// meter computes a rate from a count that is read at a fixed interval.
type meter struct {
	every time.Duration
	reads []uint64 // the count at the newest readings
}

// feed adds a reading of the count, and returns by how much the count rises in a second.
func (m *meter) feed(count uint64) float64 {
	m.reads = append(m.reads, count)
	if len(m.reads) > 11 {
		m.reads = m.reads[1:]
	}
	spans := len(m.reads) - 1
	if spans == 0 {
		return 0
	}
	return float64(count-m.reads[0]) / (float64(spans) * m.every.Seconds())
}

// newLog makes the log: text for people, JSON for programs. On Heroku the lines have no time,
// because the platform puts its own before each line. Durations are written as text such as 12s,
// because slog's JSON would show them in nanoseconds.
func newLog(out *screen, c config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		switch {
		case a.Value.Kind() == slog.KindDuration:
			a.Value = slog.StringValue(a.Value.Duration().Round(time.Millisecond).String())
		case len(groups) == 0 && a.Key == slog.TimeKey && c.dyno:
			return slog.Attr{}
		case len(groups) == 0 && a.Key == slog.TimeKey:
			a.Key = "ts"
		}
		return bounded(a)
	}}
	if c.logFormat == "text" || c.logFormat == "auto" && out.text {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}
