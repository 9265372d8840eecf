package hub

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// To cause a panic, the test makes a channel without a log, which no program can do, and a
// client subscribes to it.
func TestReader_APanicEndsOneConnection(t *testing.T) {
	h, address := serving(t, Options{})
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
	c.Close() // or the hub would wait for the client
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

// dialSocket makes a WebSocket connection and reads the greeting.
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

// If the program's CheckOrigin panics, the request must not be counted, or Run would wait
// for it without end.
func TestServeHTTP_APanicOfCheckOriginLeavesNothingBehind(t *testing.T) {
	for _, path := range []string{"/websocket", "/events", "/lines"} {
		h := New(Options{CheckOrigin: func(*http.Request) bool { panic("of the user's") }})
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
		serve := map[string]http.HandlerFunc{"/websocket": h.ServeHTTP, "/events": h.Channel("c").ServeEvents, "/lines": h.Channel("c").ServeLines}[path]
		func() {
			defer func() { recover() }()
			serve(httptest.NewRecorder(), r)
			t.Errorf("%s: it didn't panic", path)
		}()
		if h.gate.open != 0 {
			t.Errorf("%s: %d are counted", path, h.gate.open)
		}
		h.open.Wait()
	}
}
