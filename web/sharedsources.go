package web

import (
	"encoding/json"
	"slices"

	"nagare/stream"
)

// sharedSource is the state of a source for another process.
type sharedSource struct {
	SourceState
	Key   string
	Quota stream.Quota // zero: unknown
}

// SharedSources returns the states of all sources, for processes that show the same posts and don't
// read the sources themselves.
func (t *Timeline) SharedSources() []byte {
	shared := []sharedSource{}
	quotas := t.Quotas()
	for _, s := range t.Sources() {
		shared = append(shared, sharedSource{s, s.key, quotas[s.Name]})
	}
	text, err := json.Marshal(shared)
	if err != nil {
		panic(err) // texts, numbers and times always encode
	}
	return text
}

// AdoptSources replaces the states of all sources by those that another process has shared.
func (t *Timeline) AdoptSources(text []byte) error {
	var shared []sharedSource
	if err := json.Unmarshal(text, &shared); err != nil {
		return err
	}
	var all []SourceState
	quotas := map[string]stream.Quota{}
	for _, s := range shared {
		s.SourceState.key = s.Key
		all = append(all, s.SourceState)
		if s.Quota != (stream.Quota{}) {
			quotas[s.Name] = s.Quota
		}
	}
	t.sources.adopt(all)
	t.sources.adoptQuotas(quotas)
	return nil
}

// ForgetStates makes the quotas unknown, and the state of every source that was adopted as live: the
// process that shared them has ended.
func (t *Timeline) ForgetStates() {
	all := t.Sources()
	for i, s := range all {
		if s.Connected() {
			all[i].State = stream.Connecting
		}
	}
	t.sources.adopt(all)
	t.sources.adoptQuotas(nil)
}

// adopt replaces all states. If they differ, pages are rendered anew.
func (t *sourceTable) adopt(all []SourceState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.EqualFunc(t.all, all, SourceState.sameAs) {
		t.all = all
		t.adoptions++
	}
}

func (t *sourceTable) adopted() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.adoptions
}

// sameAs reports whether two states look the same. Times that were encoded have another location.
func (s SourceState) sameAs(other SourceState) bool {
	same := s.Retry.Equal(other.Retry) && s.From.Equal(other.From) && s.To.Equal(other.To)
	other.Retry, other.From, other.To, other.published = s.Retry, s.From, s.To, s.published
	return same && s == other
}
