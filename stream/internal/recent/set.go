// Package recent has collections of bounded size, which drop their oldest elements.
package recent

import "hash/maphash"

// Set is a set of ids that holds the newest of them, in some twenty bytes each: it keeps a
// hash of an id, seeded anew in each process. A collision among 100,000 ids happens once in
// billions of runs.
type Set struct {
	limit int
	seed  maphash.Seed
	slots map[uint64]int // the index of a hash in ring
	ring  []uint64       // in the order of arrival, from next on
	next  int
}

func New(limit int) *Set {
	return &Set{limit: limit, seed: maphash.MakeSeed(), slots: map[uint64]int{}}
}

func (m *Set) Has(id string) bool {
	_, ok := m.slots[maphash.String(m.seed, id)]
	return ok
}

// Add adds an id, in the place of the oldest if the set is full.
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

// Remove leaves the place in ring empty until it is reused.
func (m *Set) Remove(id string) { delete(m.slots, maphash.String(m.seed, id)) }
