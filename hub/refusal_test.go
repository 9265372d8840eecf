package hub_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"nagare/hub"
)

// The hub declines compression. With it, the size of a decompressed message would need a
// limit as well.
func TestFrames_NothingIsCompressed(t *testing.T) {
	w := overTCP(t, hub.Options{})
	res, c := w.request(t, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")
	if got := res.Header.Get("Sec-WebSocket-Extensions"); res.StatusCode != http.StatusSwitchingProtocols || got != "" {
		t.Fatalf("%s, extensions %q, want 101 and none", res.Status, got)
	}
	c.expect(greeting)
	c.expectFailure(masked(final|0x40|text, []byte{0xAA, 0x56, 0x2A, 0, 0}))
}

// request requests a WebSocket with one more line in the header.
func (w *world) request(t *testing.T, line string) (*http.Response, *client) {
	t.Helper()
	conn, err := w.dial()
	if err != nil {
		t.Fatal(err)
	}
	c := &client{w: w, t: t, conn: conn, r: bufio.NewReader(conn), patience: 5 * time.Second, written: make(chan struct{})}
	close(c.written)
	t.Cleanup(c.leave)
	fmt.Fprintf(conn, "GET /websocket HTTP/1.1\r\nHost: example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s\r\n", line)
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res, c
}

func TestGate_AdmitsFiftyConnectionsOfOneClientAndNoMore(t *testing.T) {
	w := overTCP(t, hub.Options{Limits: hub.Limits{PerClient: 50}})
	var inside []*client
	for range 50 {
		inside = append(inside, w.join())
	}
	w.expectRefusal(t, http.StatusTooManyRequests)
	inside[0].leave()
	w.expectConnections(t, 49)
	w.join()
	w.expectRefusal(t, http.StatusTooManyRequests)
}

func TestGate_AdmitsAsManyConnectionsAsConfiguredAndNoMore(t *testing.T) {
	w := overTCP(t, hub.Options{Limits: hub.Limits{Connections: 3}})
	for range 3 {
		w.join()
	}
	w.expectRefusal(t, http.StatusServiceUnavailable)
}

// expectRefusal requests a WebSocket repeatedly. Each response must have the status and a
// Retry-After, whose values must differ.
func (w *world) expectRefusal(t *testing.T, status int) {
	t.Helper()
	different := map[int]bool{}
	for range 30 {
		res, _ := w.request(t, "")
		seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if res.StatusCode != status || err != nil || seconds < 5 || seconds > 30 {
			t.Fatalf("%s, Retry-After %q, want %d and 5 to 30 s", res.Status, res.Header.Get("Retry-After"), status)
		}
		different[seconds] = true
	}
	if len(different) < 2 {
		t.Error("everybody is told to come back at the same moment")
	}
}
