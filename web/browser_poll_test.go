package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// withoutStreams blocks WebSockets and event streams.
func (s *site) withoutStreams() (sockets, events *proxy) {
	return s.behindProxy("/websocket", http.StatusTooManyRequests), s.behindProxy("/streaming/events", http.StatusTooManyRequests)
}

func TestPage_PollsWhereWebSocketsAndEventStreamsAreBlocked(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2000)
	s.publish(30)
	sockets, _ := s.withoutStreams()
	b := open(t, s, "/")
	b.waitStatus("Live (slow)")
	s.publish(5)
	b.waitShown(35)
	b.followsChanges(s)
	s.publish(300)
	b.waitPosition(337)
	b.waitState("live")
	b.wantGaps(0)
	sockets.open()
	b.hide(true)
	b.hide(false)
	b.waitStatus("Live")
	s.publish(1)
	b.waitPosition(338)
}

func TestPage_SaysThatItsAddressHasTooManyConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	s.withoutStreams()
	s.mu.Lock()
	next := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".ndjson") {
			w.Header().Set("Nagare-Limited", "address")
		}
		next.ServeHTTP(w, r)
	})
	s.mu.Unlock()
	b := open(t, s, "/")
	b.waitStatus("Live (slow): too many connections from this address")
	s.publish(1)
	b.waitShown(6)
	s.mu.Lock()
	s.handler = next
	s.mu.Unlock()
	s.publish(2) // one post ends the current poll, the other one the next poll
	b.waitShown(8)
	s.publish(1)
	b.waitStatus("Live (slow)")
}

func TestPage_AGapBetweenPollsIsShownInTheList(t *testing.T) {
	t.Parallel()
	for name, restarts := range map[string]bool{"too many events": false, "a restart": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 50)
			s.publish(30)
			s.withoutStreams()
			b := open(t, s, "/", preload(heldPolls))
			b.waitStatus("Live (slow)")
			b.run(`void (globalThis.hold = true)`)
			s.publish(1)
			b.wait(`globalThis.held`)
			if restarts {
				s.stop()
				s.start()
			}
			s.publish(400)
			b.run(`globalThis.hold = false; held()`)
			b.wait(`document.querySelector("#feed > .gap")`)
			b.waitPosition(400)
			b.wantGaps(1)
		})
	}
}

// heldPolls replaces fetch with a function that delays polls while the global variable hold is
// set.
const heldPolls = `{ const real = fetch
	globalThis.fetch = async (...request) => { if (globalThis.hold) await new Promise(done => (globalThis.held = done))
		return real(...request) } }`
