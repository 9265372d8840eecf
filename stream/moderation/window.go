package moderation

import (
	"hash/maphash"
	"time"
)

// mostSeen is how many texts a window holds. Beyond it, the oldest are dropped.
const mostSeen = 100_000

// window counts how often it has seen each of the texts of the last time. It holds a hash of each, so that
// its memory doesn't depend on their length.
type window struct {
	period time.Duration
	seed   maphash.Seed
	queue  []seen // the oldest first
	counts map[uint64]int
}

type seen struct {
	hash uint64
	at   time.Time
}

func newWindow(period time.Duration) window {
	return window{period: period, seed: maphash.MakeSeed(), counts: map[uint64]int{}}
}

// add adds a text, and returns how often the window has seen it, with this time.
func (w *window) add(text string, now time.Time) int {
	for len(w.queue) >= mostSeen || len(w.queue) > 0 && now.Sub(w.queue[0].at) >= w.period {
		w.drop()
	}
	hash := maphash.String(w.seed, text)
	w.queue = append(w.queue, seen{hash, now})
	w.counts[hash]++
	return w.counts[hash]
}

// drop drops the oldest text.
func (w *window) drop() {
	hash := w.queue[0].hash
	w.queue = w.queue[1:]
	if w.counts[hash]--; w.counts[hash] == 0 {
		delete(w.counts, hash)
	}
}
