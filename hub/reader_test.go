package hub

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A connection that is given up while its reader deals with a message: whatever the
// reader does next, it ends, and neither leaves the end to the other.
func TestReader_EndsWhatIsGivenUpWhileItReads(t *testing.T) {
	for name, goOn := range map[string]func(*conn){
		"nothing more to read":        (*conn).pause,
		"the next message has begun":  func(c *conn) { c.readWithin(time.Minute); c.read() },
		"the next message is through": func(c *conn) { c.readWithin(0); c.read() },
	} {
		t.Run(name, func(t *testing.T) {
			h := New(Options{})
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); h.Run(ctx) }()
			defer func() { stop(); <-done }()
			server := httptest.NewServer(h)
			defer server.Close()
			shake(t, server.Listener.Addr().String())
			c := h.all()[0]
			if c.poller == nil {
				t.Log("no poller on this system: a reader never pauses")
				return
			}
			c.reading.Store(true) // it is dealing with a message
			c.mu.Lock()
			c.giveUp()
			c.mu.Unlock()
			h.work.Go(func() { goOn(c) })
			gone := make(chan struct{})
			go func() { defer close(gone); h.open.Wait() }()
			select {
			case <-gone:
			case <-time.After(3 * time.Second):
				t.Error("nobody has ended the connection")
			}
		})
	}
}

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

// shake makes a WebSocket connection that says nothing.
func shake(t *testing.T, addr string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	r := bufio.NewReader(c)
	if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(res, err)
	}
	if _, err := r.Peek(2); err != nil { // the greeting: it is being served
		t.Fatal(err)
	}
}
