package hub

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// late is a response writer. When its connection is hijacked, it marks the hub as draining.
type late struct {
	http.ResponseWriter
	hub *Hub
}

func (l late) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	l.hub.mu.Lock()
	l.hub.draining = true
	l.hub.mu.Unlock()
	return http.NewResponseController(l.ResponseWriter).Hijack()
}

func TestStop_AClientThatConnectsDuringTheDrainIsToldToReconnect(t *testing.T) {
	for _, test := range []struct{ path, header, want string }{
		{"/websocket", upgrade, string(closeFrame(1012, "restart"))},
		{"/events", "", "}\n\n"},
	} {
		h := New(Options{})
		mux := http.NewServeMux()
		mux.Handle("/websocket", h)
		mux.HandleFunc("/events", h.Channel("streaming").ServeEvents)
		served := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(served)
			mux.ServeHTTP(late{w, h}, r)
		}))
		defer server.Close()
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", test.path, test.header)
		if got, err := io.ReadAll(c); err != nil || !strings.HasSuffix(string(got), test.want) {
			t.Errorf("%s: got %q, %v, want it to end in %q", test.path, got, err, test.want)
		}
		c.Close()
		<-served
		h.drain() // returns once the connection is no longer counted
		if h.work.Wait(); h.gate.open != 0 {
			t.Errorf("%s: %d are counted in", test.path, h.gate.open)
		}
	}
}
