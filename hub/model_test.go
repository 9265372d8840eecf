package hub_test

import (
	"fmt"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"nagare/hub"
)

// model says which events a channel with a ring of that size holds. It needs only the number
// of events, since the data of the nth event is n. With a store, events can be lost and new
// epochs can begin.
type model struct {
	w      *world
	store  *memory // nil if the hub is alone
	ring   uint64
	head   uint64
	first  uint64 // the first event after the store's last loss
	epoch  string
	epochs int // how many epochs have begun
}

func (m *model) tail() uint64 { return max(m.first, max(m.head, m.ring)-m.ring+1) }

// modelOf starts a hub and publishes some events.
func modelOf(t *rapid.T, start func(tester, hub.Options) *world) *model {
	ring := rapid.SampledFrom([]int{1, 7, 60, 700}).Draw(t, "ring")
	o, m := hub.Options{Ring: ring}, &model{ring: uint64(ring), first: 1}
	if rapid.Bool().Draw(t, "store") {
		m.store = newMemory()
		o.Store = m.store
	}
	m.w = start(t, o)
	m.w.Channel("streaming")
	for m.store != nil && !m.store.followed() {
		runtime.Gosched()
	}
	m.publish(rapid.IntRange(1, 3).Draw(t, "events at first"))
	return m
}

// lose makes the store lose some events, and publishes the next one.
func (m *model) lose(events int) {
	if m.store != nil {
		m.store.lose(uint64(events))
		m.head += uint64(events)
		m.first = m.head + 1
		m.w.Channel("streaming").Trigger(m.w.t.Context(), "create", m.first)
		m.head++
	}
}

// begin begins a new epoch.
func (m *model) begin() {
	if m.store != nil {
		m.epochs++
		m.epoch = fmt.Sprint("e", m.epochs)
		m.store.begin(m.epoch)
		m.w.Channel("streaming").Trigger(m.w.t.Context(), "create", 1)
		m.head, m.first = 1, 1
	}
}

func (m *model) publish(n int) {
	m.epoch = m.w.publish(n)
	m.head += uint64(n)
}

func TestModel_EveryEventArrivesOnceInOrderOrIsAnnounced(t *testing.T) {
	for _, network := range networks {
		t.Run(network.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := modelOf(t, network.start)
				viewers := []*viewer{{m: m}, {m: m}}
				t.Repeat(m.actions(viewers))
				for _, v := range viewers {
					v.catchUp()
				}
			})
		})
	}
}

func (m *model) actions(viewers []*viewer) map[string]func(*rapid.T) {
	any := rapid.SampledFrom(viewers)
	return map[string]func(*rapid.T){
		"publish": func(t *rapid.T) { m.publish(rapid.IntRange(1, 5).Draw(t, "events")) },
		"lose":    func(t *rapid.T) { m.lose(rapid.IntRange(1, 5).Draw(t, "events")) },
		"begin":   func(*rapid.T) { m.begin() },
		"overrun": func(t *rapid.T) { m.publish(rapid.IntRange(1, int(m.ring)*3/2+1).Draw(t, "events")) },
		"read":    func(t *rapid.T) { any.Draw(t, "viewer").readSome(rapid.IntRange(1, 80).Draw(t, "events")) },
		"subscribe": func(t *rapid.T) {
			any.Draw(t, "viewer").subscribe(rapid.IntRange(-1, 100).Draw(t, "last"))
		},
		"resume": func(t *rapid.T) {
			v := any.Draw(t, "viewer")
			back := rapid.SampledFrom([]uint64{0, 0, 0, 1, 3, 501}).Draw(t, "further back")
			v.resume(v.at-min(back, v.at), rapid.IntRange(-1, 100).Draw(t, "last"))
		},
		"unsubscribe": func(t *rapid.T) { any.Draw(t, "viewer").unsubscribe() },
		"disconnect":  func(t *rapid.T) { any.Draw(t, "viewer").disconnect() },
		"cut":         func(t *rapid.T) { any.Draw(t, "viewer").cut(rapid.IntRange(1, 60).Draw(t, "bytes")) },
	}
}

// furthest is the lowest offset from which a reader continues after a gap.
func (m *model) furthest() uint64 { return max(m.tail()-1, m.head-min(50, m.head)) }

func (m *model) expect(ok bool, format string, args ...any) {
	if !ok {
		m.w.t.Fatalf(format, args...)
	}
}
