package main

import (
	"context"
	"encoding/json"
	"log/slog"

	"nagare/hub"
)

// nagare is the complete hub: protocol, positions, recovery and limits. Only the limit on
// handshakes a second is higher than the default, because all clients connect at once.
var nagare = peer{
	name: "nagare", what: "**Nagare's hub**", start: startNagare,
	hello:   `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"}}]`,
	ready:   `["websocket_rails.subscribe",`,
	filters: true,
}

func startNagare() (fanout, error) {
	h := hub.New(hub.Options{
		Log:    slog.New(slog.DiscardHandler),
		Limits: hub.Limits{Handshakes: 100_000},
		Filter: compile,
	})
	go h.Run(context.Background()) // until the process ends
	ch := h.Channel("streaming")
	publish := func(m message) {
		ev := hub.Event{Name: "create", Index: indexed}
		ev.Encode(json.RawMessage(m.data))
		ch.Publish(context.Background(), ev)
	}
	return fanout{handler: h, publish: publish}, nil
}
