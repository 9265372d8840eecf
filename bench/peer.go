package main

import (
	"fmt"
	"net/http"
)

// peer is a server to be measured.
type peer struct {
	name  string
	what  string // as the table calls it
	start func() (fanout, error)

	// What a client says first, and what it waits for in the answer; both may be empty.
	hello, ready string

	installed func() error // nil for what is compiled in
}

// fanout is a peer at work.
type fanout struct {
	handler http.Handler  // upgrades to a WebSocket
	publish func(message) // to every connection; called by several goroutines at once

	// Of a peer that is a program of its own and not a handler.
	address string
	pids    []int
	stop    func()
}

// peers in the order in which they take turns. The names raw, gorilla and
// centrifuge are what the table's ratios are to.
var peers = []peer{raw, nagare, gorillaChat, centrifugeJSON, melodyPeer, gwsPeer, coderChat, nchan}

func findPeer(name string) (peer, error) {
	for _, p := range peers {
		if p.name == name {
			return p, nil
		}
	}
	return peer{}, fmt.Errorf("no peer %q", name)
}

// missing says what the peer lacks here, or "".
func (p peer) missing() string {
	if p.installed == nil {
		return ""
	}
	if err := p.installed(); err != nil {
		return err.Error()
	}
	return ""
}
