package main

import (
	"fmt"
	"net/http"
)

// peer is a server to be measured.
type peer struct {
	name  string
	what  string // the peer's name in the printed table
	start func() (fanout, error)

	// The client's first message, and the text in the answer for which the client waits. Both can
	// be empty.
	hello, ready string

	filters   bool         // its connections can have filters: it is measured by the measure views
	installed func() error // nil for a peer that is compiled in
}

// fanout is a running peer.
type fanout struct {
	handler http.Handler  // upgrades to a WebSocket
	publish func(message) // sends to every connection; called by several goroutines at once

	// Set if the peer is a program of its own and not a handler.
	address string
	pids    []int
	stop    func()
}

// peers are in the order in which they are measured. The ratios in the printed table are to
// the peers raw, gorilla and centrifuge.
var peers = []peer{raw, nagare, gorillaChat, centrifugeJSON, melodyPeer, gwsPeer, coderChat, nchan}

func findPeer(name string) (peer, error) {
	for _, p := range peers {
		if p.name == name {
			return p, nil
		}
	}
	return peer{}, fmt.Errorf("no peer %q", name)
}

// missing says what this machine lacks for the peer, or "".
func (p peer) missing() string {
	if p.installed == nil {
		return ""
	}
	if err := p.installed(); err != nil {
		return err.Error()
	}
	return ""
}
