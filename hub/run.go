package hub

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const drainRate = 300 // connections closed in a second, or more if Options.Drain is too short for that

// Run writes to the connections until ctx ends. Then it tells the clients to reconnect,
// closes the connections, and returns when the last one is closed.
func (h *Hub) Run(ctx context.Context) error {
	stop := make(chan struct{})
	var shards sync.WaitGroup
	for _, s := range h.shards {
		shards.Go(func() { s.run(stop) })
	}
	h.followAll()
	<-ctx.Done()
	ended := time.Now()
	h.drain() // the shards still write, and the store is still followed, unless Detach was called
	h.detach(max(time.Second, storeWait-time.Since(ended)))
	close(stop)
	shards.Wait()
	h.work.Wait()
	return nil
}

// drain closes all connections, one after another. First it tells each client how long to wait
// before reconnecting, a random time: this jitter spreads the load on other hubs. drain
// returns when all connections are closed, at the latest closeWait after it began to close the
// last one.
func (h *Hub) drain() {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	conns := h.all()
	spread := min(h.opts.Drain, time.Duration(len(conns))*time.Second/drainRate)
	for _, c := range conns {
		c.announceDrain(rand.N(spread + time.Second))
	}
	begun := time.Now()
	for i, c := range conns {
		time.Sleep(time.Until(begun.Add(spread * time.Duration(i) / time.Duration(len(conns)))))
		c.close(websocket.CloseServiceRestart, "restart")
	}
	h.open.Wait()
	h.poller.stop()
}

// storeWait is how long Run waits from the end of its context until all events are stored. If the
// connections took so long to close, it still waits for a second.
const storeWait = 5 * time.Second

func (h *Hub) detach(wait time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := h.Detach(ctx); err != nil {
		h.opts.Log.Error("events not stored", "err", err)
	}
}

// wake tells every shard that something was published.
func (h *Hub) wake() {
	for _, s := range h.shards {
		s.wake()
	}
}

// all returns the connections of all shards.
func (h *Hub) all() (conns []*conn) {
	for _, s := range h.shards {
		s.mu.Lock()
		conns = s.all(conns)
		s.mu.Unlock()
	}
	return conns
}
