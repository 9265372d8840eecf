package web

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"nagare/stream"
)

// SourceState is the state of a source according to its newest notice. Name and Reason are for the
// operator: they can contain names of files, hosts and addresses. The page therefore shows only a
// description of the fault's class.
type SourceState struct {
	Name    string
	Network string // the value of Post.Source in its posts; empty if unknown
	State   stream.State
	Reason  string       // why the source is not live
	Fault   stream.Fault // the class of the reason; empty if the reason is no fault
	Retry   time.Time    // when the source connects next; zero if no attempt is scheduled
	Lost    uint64       // number of posts left out since the start
	Gaps    uint64       // number of periods since the start in which posts were missed
	From    time.Time    // when the newest gap began; zero if there was none
	To      time.Time    // when the newest gap ended

	key       string    // identifies the source on the page
	published time.Time // when the state was last published
}

// Connected reports whether the source is connected and nothing is wrong, even if it has brought
// no posts yet.
func (s SourceState) Connected() bool {
	return s.State == stream.Live || s.State == stream.Silent && s.Fault == ""
}

// countsInterval is the least time between two events that report only new numbers of lost posts
// or gaps. More frequent events would displace posts, because each takes the room of a post in the
// log.
const countsInterval = time.Minute

// sourceTable holds the states of all sources, in the order in which the sources first reported.
// It is safe for concurrent use.
type sourceTable struct {
	mu        sync.Mutex
	all       []SourceState
	adoptions int                     // how often adopt has changed the states
	read      []stream.Source         // that this process reads; nil: another process does
	quotas    map[string]stream.Quota // that another process has shared, by the name of the source
}

func (t *sourceTable) states() []SourceState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.all)
}

// apply updates the state of a source from a notice. It returns the new state, and reports whether
// the state should be published.
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

// find returns the state of the source that the notice names. It adds a source that isn't known
// yet. The caller must hold mu.
func (t *sourceTable) find(n *stream.Notice) *SourceState {
	name := oneLine(n.Source)
	i := slices.IndexFunc(t.all, func(s SourceState) bool { return s.Name == name })
	if i < 0 {
		i = len(t.all)
		t.all = append(t.all, SourceState{Name: name, Network: n.Network, State: stream.Connecting, key: sourceKey(n.Network, name, i)})
	}
	return &t.all[i]
}

// replay is the network that recordings name in their notices.
const replay = "replay"

// sourceKey returns the identifier of a source on the page. For a recording, it contains a number
// instead of the name, because that would reveal the name of a file.
func sourceKey(network, name string, index int) string {
	if network == replay {
		return fmt.Sprintf("%s %d", replay, index+1)
	}
	return name
}

// setState sets the state from a status notice. It ignores a change from waiting to connecting:
// the page shows a retry only if it succeeds, instead of alternating between the two states.
func (s *SourceState) setState(n *stream.Notice) {
	if n.State == stream.Connecting && s.State == stream.Waiting {
		return
	}
	s.State, s.Reason, s.Fault, s.Retry = n.State, oneLine(n.Reason), n.Fault, n.Retry
}
