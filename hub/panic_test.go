package hub

import (
	"bytes"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A channel without a log is what no program can make: subscribing to it panics.
func TestReader_APanicEndsOneConnection(t *testing.T) {
	h, address := serving(t)
	var told bytes.Buffer
	h.opts.Log = slog.New(slog.NewTextHandler(&told, nil))
	h.mu.Lock()
	h.channels["broken"] = &Channel{hub: h}
	h.mu.Unlock()
	other, c := dialSocket(t, address), dialSocket(t, address)
	if err := c.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"broken"}}]`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseInternalServerErr) {
		t.Errorf("got %v, want it closed with 1011", err)
	}
	other.WriteMessage(websocket.TextMessage, []byte(`["a",{"id":1}]`))
	if _, _, err := other.ReadMessage(); err != nil {
		t.Errorf("another connection: %v", err)
	}
	for begun := time.Now(); h.Stats().Connections > 1 && time.Since(begun) < 10*time.Second; runtime.Gosched() {
	}
	if n := h.Stats().Closed[1011]; n != 1 || !strings.Contains(told.String(), "subscribe.go") {
		t.Errorf("%d counted, and told %s, want one and where it was", n, &told)
	}
}

// dialSocket makes a WebSocket connection and has read its greeting.
func dialSocket(t *testing.T, address string) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, _, err := c.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	return c
}
