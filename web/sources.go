package web

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"nagare/stream"
)

// SourceState is the state of a source by its last notice. Name and Reason are for the
// operator: they may contain names of files, hosts and addresses. The page shows only the
// class of the fault, in its own words.
type SourceState struct {
	Name    string
	Network string // as Post.Source; empty if the source doesn't name one
	State   stream.State
	Reason  string       // why it is not live
	Fault   stream.Fault // the class of the reason; empty if it is no fault
	Retry   time.Time    // of the next attempt; zero if none is scheduled
	Lost    uint64       // posts left out since the start
	Gaps    uint64       // periods without posts since the start
	From    time.Time    // begin of the newest gap; zero if there was none
	To      time.Time    // its end

	key       string    // identifies the source on the page
	published time.Time // when the page was last informed
}

// countsInterval is the least time between two events that report only new counts of lost
// posts or gaps, because each event takes the room of a post in the log.
const countsInterval = time.Minute

// sourceTable holds the states of all sources, in the order of their first notices. It is safe
// for concurrent use.
type sourceTable struct {
	mu  sync.Mutex
	all []SourceState
}

func (t *sourceTable) states() []SourceState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.all)
}

// apply updates the state of a source by a notice. It returns the new state, and reports
// whether the change is to be published.
func (t *sourceTable) apply(op stream.Op) (now SourceState, changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := op.Notice
	state := t.find(n)
	before := *state
	switch op.Kind {
	case stream.Status:
		state.setState(n)
	case stream.Lost:
		state.Lost += n.Count
	case stream.Gap:
		state.Gaps++
		state.From, state.To = n.From, n.To
	}
	changed = state.State != before.State || state.Fault != before.Fault ||
		*state != before && time.Since(state.published) >= countsInterval
	if changed {
		state.published = time.Now()
	}
	return *state, changed
}

// find returns the state of the notice's source, which is new at its first notice. It must be
// called with mu held.
func (t *sourceTable) find(n *stream.Notice) *SourceState {
	name := oneLine(n.Source)
	i := slices.IndexFunc(t.all, func(s SourceState) bool { return s.Name == name })
	if i < 0 {
		i = len(t.all)
		t.all = append(t.all, SourceState{Name: name, Network: n.Network, State: stream.Connecting, key: sourceKey(n.Network, name, i)})
	}
	return &t.all[i]
}

// replay is the network of a recording.
const replay = "replay"

// sourceKey identifies a source on the page. A recording has a number instead of its name,
// which is that of a file.
func sourceKey(network, name string, index int) string {
	if network == replay {
		return fmt.Sprintf("%s %d", replay, index+1)
	}
	return name
}

// setState changes the state, except from waiting to connecting: a retry is reported only
// if it succeeds.
func (s *SourceState) setState(n *stream.Notice) {
	if n.State == stream.Connecting && s.State == stream.Waiting {
		return
	}
	s.State, s.Reason, s.Fault, s.Retry = n.State, oneLine(n.Reason), n.Fault, n.Retry
}
