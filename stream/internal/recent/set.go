// Package recent has collections of bounded size, which forget what is oldest.
package recent

import "hash/maphash"

// marks is a set of ids that holds the newest of them, in some twenty bytes each:
// of an id it keeps no more than a hash, seeded anew in each process. Two of
// 100,000 are taken for one another once in billions of runs.
type Set struct {
	limit int
	seed  maphash.Seed
	slots map[uint64]int // where in ring a hash stands
	ring  []uint64       // in the order they came, from next on
	next  int
}

func New(limit int) *Set {
	return &Set{limit: limit, seed: maphash.MakeSeed(), slots: map[uint64]int{}}
}

func (m *Set) Has(id string) bool {
	_, ok := m.slots[maphash.String(m.seed, id)]
	return ok
}

// add puts id in; if the set is full, in the place of the oldest.
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

// remove leaves the place in ring empty until its turn comes.
func (m *Set) Remove(id string) { delete(m.slots, maphash.String(m.seed, id)) }
