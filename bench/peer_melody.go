package main

import (
	"net/http"

	"github.com/olahol/melody"
)

// melodyPeer uses melody as its README shows.
var melodyPeer = peer{name: "melody", what: "melody, Broadcast", start: startMelody}

func startMelody() (fanout, error) {
	m := melody.New()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.HandleRequest(w, r) })
	return fanout{handler: handler, publish: func(msg message) { m.Broadcast(msg.text) }}, nil
}
