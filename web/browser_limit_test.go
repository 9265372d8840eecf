package web_test

import (
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"nagare/hub"
)

// occupy opens n connections from the address of the tests, until the returned function is called.
func (s *site) occupy(n int) (leave func()) {
	s.t.Helper()
	var open []*websocket.Conn
	for range n {
		ws, _, err := websocket.DefaultDialer.DialContext(s.t.Context(), strings.Replace(s.url, "http", "ws", 1)+"/websocket", nil)
		if err != nil {
			s.t.Fatal(err)
		}
		open = append(open, ws)
	}
	return func() {
		for _, ws := range open {
			ws.Close()
		}
	}
}

// The test uses the limit of the hub itself, because the test and the browser have the same
// address.
func TestPage_PollsIfItsAddressHasTooManyConnections(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, hub.Options{Ring: 2000, Limits: hub.Limits{PerClient: 3}})
	s.publish(30)
	leave := s.occupy(3)
	b := open(t, s, "/", preload(countedSockets))
	b.waitStatus("Live (slow): too many connections from this address")
	b.forget()
	b.run(`void (seen.unfolds = true)`)
	for range 5 {
		s.publish(60)
		b.waitPosition(int(s.posts.Load()))
	}
	s.publish(1)
	b.waitShown(331)
	b.wantAll(30, 331)

	leave()
	b.wait(`(document.dispatchEvent(new Event("visibilitychange")), document.getElementById("status").innerText === "Live")`)
	s.publish(100)
	b.waitPosition(431)
	s.publish(1)
	b.waitShown(432)
	b.wantAll(30, 432)
	before := eval[int](b, `performance.getEntriesByType("resource").filter(entry => entry.name.includes(".ndjson")).length`)
	s.publish(5)
	b.waitShown(437)
	if n := eval[int](b, `performance.getEntriesByType("resource").filter(entry => entry.name.includes(".ndjson")).length`); n != before {
		t.Errorf("%d polls were made beside the WebSocket", n-before)
	}
}
