package web_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// closeWith makes the site accept each WebSocket and then close it with a code, until the returned
// function is called.
func (s *site) closeWith(code int, reason string) (enough func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/websocket" {
			next.ServeHTTP(w, r)
			return
		}
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return // Upgrade has already sent an error response
		}
		defer ws.Close()
		ws.WriteMessage(websocket.TextMessage, []byte(`[["client_connected",{"data":{"connection_id":"0"}}]]`))
		ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
		for err == nil { // until the page has closed its side
			_, _, err = ws.ReadMessage()
		}
	})
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.handler = next
	}
}

// The page shows the reason of a refusal, and waits before it reconnects.
func TestPage_ShowsTheReasonOfARefusal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code              int
		reason, lang, say string
	}{
		{4001, "", "en", "Reload for the new version"},
		{4001, "", "ja", "新しい版があります。再読み込みしてください"},
		{websocket.ClosePolicyViolation, "too many messages", "en", "Refused: too many messages. Trying again later."},
	} {
		t.Run(c.say, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.publish(5)
			b := openLive(t, s, "/?lang="+c.lang)
			s.closeWith(c.code, c.reason)
			s.cut()
			b.waitStatus(c.say)
			var tries atomic.Int64
			s.onArrival(func() { tries.Add(1) })
			b.hide(true)
			b.hide(false)
			b.click("now")
			b.settle()
			if n := tries.Load(); n > 0 {
				t.Errorf("it has tried %d times more", n)
			}
			if eval[bool](b, `document.getElementById("now").checkVisibility()`) {
				t.Error("it offers to try now")
			}
		})
	}
}

func TestPage_ReconnectsToARestartedServerWithoutAnAlarm(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"going away": websocket.CloseGoingAway, "restart": websocket.CloseServiceRestart} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.publish(5)
			b := openLive(t, s, "/")
			enough := s.closeWith(code, "")
			s.cut()
			b.waitState("reconnecting")
			enough()
			s.publish(3)
			b.waitShown(8)
			b.waitState("live")
			if words := strings.ToLower(strings.Join(eval[[]string](b, `seen.said`), " ")); strings.Contains(words, "error") {
				t.Errorf("screen readers hear %q", words)
			}
		})
	}
}
