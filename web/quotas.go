package web

import (
	"maps"

	"nagare/stream"
)

// ReadQuotasOf makes the quotas those of the sources, which this process has begun to read. Nil means
// that it has stopped, so that the quotas are those that another process shares.
func (t *Timeline) ReadQuotasOf(sources []stream.Source) {
	t.sources.mu.Lock()
	defer t.sources.mu.Unlock()
	t.sources.read, t.sources.quotas = sources, nil
}

// Quotas returns the quota of each source that knows it, by the name of the source. Quotas are for
// the operator and the moderators only. They change with each post, so they are no events: pages and
// metrics request them.
func (t *Timeline) Quotas() map[string]stream.Quota {
	t.sources.mu.Lock()
	read, shared := t.sources.read, maps.Clone(t.sources.quotas)
	t.sources.mu.Unlock()
	if read == nil {
		return shared
	}
	quotas := map[string]stream.Quota{}
	for name, q := range stream.Quotas(read) {
		quotas[oneLine(name)] = q
	}
	return quotas
}

// adoptQuotas replaces the quotas by those that another process has shared.
func (t *sourceTable) adoptQuotas(quotas map[string]stream.Quota) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.quotas = quotas
}
