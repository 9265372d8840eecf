// Package recent has collections of bounded size, which drop their oldest elements.
package recent

import "hash/maphash"

// Set is a set of the newest ids that were added. It keeps only a hash of each id, with a new
// seed in each process, and so takes some twenty bytes for an id. Two of 100,000 ids have the
// same hash once in billions of runs.
type Set struct {
	limit int
	seed  maphash.Seed
	slots map[uint64]int // by hash: its index in ring
	ring  []uint64       // hashes; the oldest is at next once ring is full
	next  int
}

// New makes an empty set of at most limit ids.
func New(limit int) *Set {
	return &Set{limit: limit, seed: maphash.MakeSeed(), slots: map[uint64]int{}}
}

// Has reports whether id is in the set.
func (m *Set) Has(id string) bool {
	_, ok := m.slots[maphash.String(m.seed, id)]
	return ok
}

// Add adds an id. If the set is full, it replaces the oldest id.
func (m *Set) Add(id string) {
	hash := maphash.String(m.seed, id)
	if _, ok := m.slots[hash]; ok || id == "" {
		return
	}
	if len(m.ring) < m.limit {
		m.ring = append(m.ring, 0)
	} else if oldest := m.ring[m.next]; m.slots[oldest] == m.next {
		delete(m.slots, oldest)
	}
	m.ring[m.next], m.slots[hash] = hash, m.next
	m.next = (m.next + 1) % m.limit
}

// Remove removes an id. Its place in ring stays empty until Add reuses it.
func (m *Set) Remove(id string) { delete(m.slots, maphash.String(m.seed, id)) }
