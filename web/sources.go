package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// SourceState is how a source is, by what it last told. Name and Reason are for the
// operator: they may name files, hosts and addresses. Visitors are told the class of the
// fault only, in our words.
type SourceState struct {
	Name    string
	Network string // as Post.Source; empty if the source doesn't say
	State   stream.State
	Reason  string       // why it is not live
	Fault   stream.Fault // the class of that; empty if it is no fault
	Retry   time.Time    // when it is tried again, if it is
	Lost    uint64       // posts left out since the start
	Gaps    uint64       // times that were missed since the start
	From    time.Time    // the newest of them, if there was one
	To      time.Time

	key  string    // identifies the source on the page
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
		s.all = append(s.all, SourceState{Name: name, Network: n.Network, State: stream.Connecting, key: sourceKey(n.Network, name, i)})
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
	turned := state.State != before.State || state.Fault != before.Fault
	changed = turned || *state != before && time.Since(state.told) >= newsPause
	if changed {
		state.told = time.Now()
	}
	return *state, changed
}

// sourceKey identifies a source on the page. The name of a recording is that of a file.
func sourceKey(network, name string, number int) string {
	if network == replay {
		return fmt.Sprintf("%s %d", replay, number+1)
	}
	return name
}

// replay is the network of a recording.
const replay = "replay"

// turn puts the source into another state. That a source which waits is tried once
// more is no news until it succeeds.
func (s *SourceState) turn(n *stream.Notice) {
	if n.State == stream.Connecting && s.State == stream.Waiting {
		return
	}
	s.State, s.Reason, s.Fault, s.Retry = n.State, oneLine(n.Reason), n.Fault, n.Retry
}

// tell publishes how a source is, for the pages that are open.
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
	data, err := json.Marshal(map[string]any{"source": now.key, "state": now.State, "reason": now.Fault, "lost": now.Lost, "html": html})
	if err != nil {
		return err
	}
	_, err = t.channel.Publish(ctx, hub.Event{Name: "source", Data: data})
	return err
}

// shown reports whether the page lists the source: of a recording it says only what is wrong.
func (s SourceState) shown() bool { return s.Network != replay || s.Fault != "" }

// called is the name of the source on the page; empty for a recording.
func (s SourceState) called() string {
	if s.Network == replay {
		return ""
	}
	return cmp.Or(sourceName(s.Name), s.Name)
}

func (s SourceState) html(ctx context.Context) (string, error) {
	var html bytes.Buffer
	err := templates.Source(templates.SourceLine{
		Key: s.key, Called: s.called(), State: string(s.State), Fault: string(s.Fault), Retry: s.Retry,
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
