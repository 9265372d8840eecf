package main

import (
	"net/http"
	"sync"

	"github.com/lxzan/gws"
)

// gwsPeer encodes each frame once, with gws's Broadcaster.
var gwsPeer = peer{name: "gws", what: "lxzan/gws, Broadcaster", start: startGWS}

type gwsRoom struct {
	gws.BuiltinEventHandler
	upgrader *gws.Upgrader

	mu    sync.Mutex
	conns map[*gws.Conn]struct{}
}

func startGWS() (fanout, error) {
	r := &gwsRoom{conns: map[*gws.Conn]struct{}{}}
	r.upgrader = gws.NewUpgrader(r, nil)
	return fanout{handler: r, publish: r.publish}, nil
}

func (g *gwsRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c, err := g.upgrader.Upgrade(w, r); err == nil {
		go c.ReadLoop() // in another goroutine, so that net/http's memory is freed
	}
}

func (g *gwsRoom) OnOpen(c *gws.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns[c] = struct{}{}
}

func (g *gwsRoom) OnClose(c *gws.Conn, _ error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
}

func (g *gwsRoom) publish(m message) {
	b := gws.NewBroadcaster(gws.OpcodeText, m.text)
	defer b.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		b.Broadcast(c) // gws closes a connection that fails
	}
}
