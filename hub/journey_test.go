package hub_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nagare/hub"
)

// journey is the state that all travellers of a test share.
type journey struct {
	address    string // of the bad network
	epoch      string
	travellers []*traveller
	goal       atomic.Uint64 // offset of the last event, once it is known; 0 tells the travellers to give up
	running    sync.WaitGroup
}

func TestBadNetwork_EveryClientGetsEveryEventOnceAndInOrder(t *testing.T) {
	measuresTheKernel(t)
	t.Parallel()
	for _, client := range []struct {
		name  string
		visit func(*traveller) error
		life  int
	}{
		{"websocket", visitSocket, 6000},
		{"event stream", visitStream, 2000}, // a stream takes fewer bytes for the same events
	} {
		t.Run(client.name, func(t *testing.T) {
			t.Parallel()
			w := overTCP(t, hub.Options{Limits: hub.Limits{Handshakes: 1 << 20}})
			network := badNetworkTo(t, w.both(), client.life)
			j := &journey{address: network.Addr().String(), epoch: w.Channel("streaming").Tip().Epoch}
			j.send(100, client.visit)
			cuts := 10 * int64(*scale)
			j.publish(w, func() bool { return network.calmIf(j.links() > cuts) })
			t.Logf("-seed %d: %d events, %d cuts, at least %d of each client, %d stalls",
				*seed, w.Channel("streaming").Tip().Offset, network.cuts.Load(), j.links()-1, network.stalls.Load())
			for i, v := range j.travellers {
				if v.wrong != nil || v.links.Load() <= cuts && j.goal.Load() > 0 {
					t.Errorf("client %d was cut %d times: %v", i, v.links.Load()-1, v.wrong)
				}
			}
		})
	}
}

// both serves WebSockets and event streams at one address, as a site does.
func (w *world) both() (address string) {
	mux := http.NewServeMux()
	mux.Handle("/websocket", w)
	mux.HandleFunc("/events", w.Channel("streaming").ServeEvents)
	server := httptest.NewServer(mux)
	w.t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// send starts n travellers at the beginning of the log.
func (j *journey) send(n int, visit func(*traveller) error) {
	j.goal.Store(math.MaxUint64)
	j.travellers = nil
	for range n {
		v := &traveller{journey: j}
		j.travellers = append(j.travellers, v)
		j.running.Go(func() { v.travel(visit) })
	}
}

// publish publishes until enough returns true, but never more events ahead of the slowest
// traveller than a recovery can bring. Then it waits until all travellers have every event.
func (j *journey) publish(w *world, enough func() bool) {
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	head := w.Channel("streaming").Tip().Offset
	for ; !enough() && j.goal.Load() > 0; <-beat.C {
		if head < j.last()+300 {
			w.publish(1)
			head++
		}
	}
	if j.goal.Load() > 0 {
		j.goal.Store(head + 1)
	}
	w.publish(1)
	j.running.Wait()
}

// links is the smallest number of connections that a traveller has had.
func (j *journey) links() int64 {
	least := j.travellers[0].links.Load()
	for _, v := range j.travellers {
		least = min(least, v.links.Load())
	}
	return least
}

// last is the position of the slowest traveller.
func (j *journey) last() uint64 {
	last := j.travellers[0].at.Load()
	for _, v := range j.travellers {
		last = min(last, v.at.Load())
	}
	return last
}
