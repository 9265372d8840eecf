package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// SourceState is how a source is, by what it last told.
type SourceState struct {
	Name   string
	State  stream.State
	Reason string    // why it is not live
	Retry  time.Time // when it is tried again, if it is
	Lost   uint64    // posts left out since the start
	Gaps   uint64    // times that were missed since the start
	From   time.Time // the newest of them, if there was one
	To     time.Time

	told time.Time // when the readers last heard of it
}

// newsPause is the least time between two tellings of what was left out or missed. An
// event takes a post's place in the log.
const newsPause = time.Minute

// sources are the states of all sources, in the order in which they appeared.
type sources struct {
	mu  sync.Mutex
	all []SourceState
}

// Sources returns the state of every source that has told one.
func (t *Timeline) Sources() []SourceState {
	t.sources.mu.Lock()
	defer t.sources.mu.Unlock()
	return slices.Clone(t.sources.all)
}

// note takes a notice in and reports whether it is worth telling to the readers.
func (s *sources) note(op stream.Op) (now SourceState, changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, name := op.Notice, oneLine(op.Notice.Source)
	i := slices.IndexFunc(s.all, func(known SourceState) bool { return known.Name == name })
	if i < 0 {
		i = len(s.all)
		s.all = append(s.all, SourceState{Name: name, State: stream.Connecting})
	}
	state := &s.all[i]
	before := *state
	switch op.Kind {
	case stream.Status:
		state.turn(n)
	case stream.Lost:
		state.Lost += n.Count
	case stream.Gap:
		state.Gaps++
		state.From, state.To = n.From, n.To
	}
	turned := state.State != before.State || state.Reason != before.Reason
	changed = turned || *state != before && time.Since(state.told) >= newsPause
	if changed {
		state.told = time.Now()
	}
	return *state, changed
}

// turn puts the source into another state. That a source which waits is tried once
// more is no news until it succeeds.
func (s *SourceState) turn(n *stream.Notice) {
	if n.State == stream.Connecting && s.State == stream.Waiting {
		return
	}
	s.State, s.Reason, s.Retry = n.State, oneLine(n.Reason), n.Retry
}

// tell publishes how a source is, for the pages that are open. A recording is no
// source that can fail its readers.
func (t *Timeline) tell(ctx context.Context, op stream.Op) error {
	now, changed := t.sources.note(op)
	switch {
	case op.Kind == stream.Gap:
		t.log.Warn("posts missed", "source", now.Name, "from", now.From, "to", now.To, "err", op.Notice.Reason)
	case op.Kind == stream.Lost && changed:
		t.log.Warn("posts left out", "source", now.Name, "total", now.Lost)
	}
	if !changed || !now.shown() {
		return nil
	}
	html, err := now.html(ctx)
	if err != nil {
		return err
	}
	data, err := json.Marshal(map[string]any{"source": now.Name, "state": now.State, "reason": now.Reason, "lost": now.Lost, "html": html})
	if err != nil {
		return err
	}
	_, err = t.channel.Publish(ctx, hub.Event{Name: "source", Data: data})
	return err
}

func (s SourceState) shown() bool { return !strings.HasPrefix(s.Name, "replay") }

func (s SourceState) html(ctx context.Context) (string, error) {
	var html bytes.Buffer
	err := templates.Source(templates.SourceLine{
		Name: s.Name, Called: cmp.Or(sourceName(s.Name), s.Name), State: string(s.State), Reason: s.Reason, Retry: s.Retry,
		Lost: s.Lost, From: s.From, To: s.To,
	}).Render(ctx, &html)
	return html.String(), err
}

// lines are the sources as a page shows them.
func (t *Timeline) lines(ctx context.Context, lang string) ([]string, error) {
	var out []string
	for _, s := range t.Sources() {
		if !s.shown() {
			continue
		}
		html, err := s.html(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, templates.Translate(lang, html))
	}
	return out, nil
}
