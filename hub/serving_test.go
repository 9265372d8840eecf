package hub

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// serving runs a hub behind an HTTP server until the test ends.
func serving(t *testing.T, o Options) (h *Hub, address string) {
	t.Helper()
	h = New(o)
	mux := http.NewServeMux()
	mux.Handle("/websocket", h)
	mux.HandleFunc("/events", h.Channel("streaming").ServeEvents)
	mux.HandleFunc("/lines", h.Channel("streaming").ServeLines)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		stop()
		<-done
		server.Close()
	})
	return h, server.Listener.Addr().String()
}

// upgrade is the header of a WebSocket handshake.
const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
