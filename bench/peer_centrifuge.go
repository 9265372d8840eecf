package main

import (
	"context"
	"time"

	"github.com/centrifugal/centrifuge"
)

// centrifugeJSON keeps a history of 300 messages and supports recovery, as Nagare's hub does.
// The server subscribes its clients in its reply to connect.
var centrifugeJSON = peer{
	name: "centrifuge", what: "centrifuge, JSON, history 300", start: startCentrifuge,
	hello: `{"id":1,"connect":{}}`,
	ready: `{"id":1,"connect":{`,
}

func startCentrifuge() (fanout, error) {
	node, err := centrifuge.New(centrifuge.Config{LogLevel: centrifuge.LogLevelNone})
	if err != nil {
		return fanout{}, err
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{},
			Subscriptions: map[string]centrifuge.SubscribeOptions{"streaming": {EnableRecovery: true}},
		}, nil
	})
	if err := node.Run(); err != nil {
		return fanout{}, err
	}
	history := centrifuge.WithHistory(300, time.Minute)
	publish := func(m message) { node.Publish("streaming", m.data, history) }
	handler := centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{UseWriteBufferPool: true})
	return fanout{handler: handler, publish: publish}, nil
}
