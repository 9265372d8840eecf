package mastodon

import (
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/lines"
	"nagare/stream/streamtest"
)

// fakeSocket is the server's side of a WebSocket.
type fakeSocket struct{ *websocket.Conn }

func (c *fakeSocket) event(name string, payload any) {
	c.WriteMessage(websocket.TextMessage, []byte(document(map[string]any{"stream": []string{"public"}, "event": name, "payload": payload})))
}

// update sends a new post in a string, as most servers do.
func (c *fakeSocket) update(post map[string]any) { c.event("update", document(post)) }

// stay answers pings until the client closes the WebSocket.
func (c *fakeSocket) stay() {
	for {
		if _, _, err := c.NextReader(); err != nil {
			return
		}
	}
}

func (f *fakeServer) upgrade(n int, w http.ResponseWriter, r *http.Request) {
	inside := r.Header.Get("Sec-WebSocket-Protocol")
	if f.inside && inside != token {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	if !f.inside && r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, `{"error":"Unauthorized: token not recognized"}`, http.StatusUnauthorized)
		return
	}
	up := websocket.Upgrader{EnableCompression: true, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, http.Header{"Sec-WebSocket-Protocol": {inside}})
	if err != nil {
		return
	}
	defer conn.Close()
	f.socket(n, &fakeSocket{conn})
}

func TestMastodon_OpensAWebSocketIfTheServerHasNoEventStream(t *testing.T) {
	for timeline, query := range map[string]string{
		"public": "stream=public", "public:local": "stream=public%3Alocal", "#go": "stream=hashtag&tag=go", "list:7": "list=7&stream=list", "user": "stream=user",
	} {
		for _, inside := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeServer{inside: inside, socket: func(n int, c *fakeSocket) {
					c.update(postJSON(10*n + 1))
					c.event("update", postJSON(10*n+2)) // as an object, as old versions of Pleroma do
					c.event("status.update", document(postJSON(10*n+1, map[string]any{"content": "<p>edited</p>", "edited_at": "2026-11-23T10:00:00.000Z"})))
					c.event("filters_changed", nil)
					c.event("pleroma:respond", map[string]any{"result": "success"})
					c.event("delete", "11")
					if n > 1 {
						c.stay()
					}
				}}
				m := f.overPipes(t)
				m.Timeline = timeline
				ops := run(t, m, until(22))
				if d := cmp.Diff([]string{"create 11", "create 12", "update 11", "destroy 11"}, summary(ops)[:4]); d != "" {
					t.Errorf("%s: %s", timeline, d)
				}
				asked := f.requests("/api/v1/streaming")
				if len(asked) != 3 || !strings.HasPrefix(asked[0], "/") || asked[1] != "?"+query || asked[2] != asked[1] {
					t.Errorf("%s: requested %q, want the event stream once and the WebSocket twice", timeline, asked)
				}
				if got := m.anomalies.Count("an unknown event"); got != 0 {
					t.Errorf("%s: %d unknown events", timeline, got)
				}
				if err := m.Check(t.Context()); err != nil {
					t.Errorf("%s: Check: %v", timeline, err)
				}
			})
		}
	}
}

// GoToSocial accepts a stream of a hashtag and never sends anything on it.
func TestMastodon_FindsTheHashtagInThePublicStreamOfGoToSocial(t *testing.T) {
	tagged := map[string]any{"tags": []any{map[string]any{"name": "go"}}}
	f := &fakeServer{about: `"source_url":"https://codeberg.org/superseriousbusiness/gotosocial",`, socket: func(_ int, c *fakeSocket) {
		c.update(postJSON(1))
		c.update(postJSON(2, tagged))
		c.event("status.update", document(postJSON(1, map[string]any{"edited_at": "2026-11-23T10:00:00.000Z"})))
		c.event("status.update", document(postJSON(2, map[string]any{"edited_at": "2026-11-23T10:00:00.000Z"})))
		c.event("delete", "1")
		c.event("delete", "2")
		c.update(postJSON(3, tagged))
		c.stay()
	}}
	m := f.overTCP(t)
	m.Timeline = "#Go"
	if d := cmp.Diff([]string{"create 2", "update 2", "destroy 2", "create 3"}, summary(run(t, m, until(3)))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"stream=public"}, f.requests("/api/v1/streaming?")); d != "" {
		t.Error(d)
	}
}

func TestMastodon_BackfillsABreakOfAWebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		f.socket = func(n int, c *fakeSocket) {
			if n == 1 {
				f.publishMany(1, 1)
				c.update(postJSON(1))
				f.publishMany(2, 3)
				c.UnderlyingConn().Close() // without a close frame
				return
			}
			c.stay()
		}
		ops := run(t, f.overPipes(t), until(3))
		if d := cmp.Diff([]string{"create 1", "create 2", "create 3"}, summary(ops)); d != "" {
			t.Error(d)
		}
		if s := streamtest.OpsOf(stream.Status, ops)[3].Notice; s.State != stream.Waiting || s.Fault != stream.FaultUnreachable {
			t.Errorf("the status is %+v", s)
		}
	})
}

func TestMastodon_SkipsUnreadableAndHugeMessagesOfAWebSocket(t *testing.T) {
	f := &fakeServer{socket: func(_ int, c *fakeSocket) {
		for _, garbage := range []string{"", "{", "[]", "null", `"text"`, `{"event":5}`, `{"event":"update"}`, `{"event":"update","payload":7}`, `{"error":{}}`, "\x00\xff"} {
			c.WriteMessage(websocket.TextMessage, []byte(garbage))
			c.WriteMessage(websocket.BinaryMessage, []byte(garbage))
		}
		c.update(postJSON(1, map[string]any{"content": strings.Repeat("x", lines.MaxLine)}))
		for range 3 {
			c.SetWriteDeadline(time.Now().Add(10 * time.Second))
			w, err := c.NextWriter(websocket.TextMessage) // a message in many frames
			for i := 0; err == nil && i < 8; i++ {
				_, err = io.WriteString(w, strings.Repeat(" ", 1<<20))
			}
			w.Close()
		}
		c.update(postJSON(2))
		c.stay()
	}}
	m := f.overTCP(t)
	lost := 0
	ops := run(t, m, until(2))
	for _, op := range streamtest.OpsOf(stream.Lost, ops) {
		lost += int(op.Notice.Count)
	}
	if d := cmp.Diff([]string{"create 2"}, summary(ops)); d != "" || lost != 4 {
		t.Errorf("%d lost, want 4: %s", lost, d)
	}
	if n := m.anomalies.Count(errNoEvent.Error()); n < 10 {
		t.Errorf("%d messages are counted as no events", n)
	}
}

// A frame can announce a length that never arrives.
func TestMastodon_EndsAWebSocketThatSendsAnEndlessFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{socket: func(n int, c *fakeSocket) {
			if n > 1 {
				c.update(postJSON(1))
				c.stay()
				return
			}
			c.NetConn().Write(binary.BigEndian.AppendUint64([]byte{0x81, 127}, 1<<62))
			for _, err := c.NetConn().Write([]byte("{")); err == nil; _, err = c.NetConn().Write([]byte("{")) {
				time.Sleep(time.Second)
			}
		}}
		run(t, f.overPipes(t), until(1))
		if got := f.pauses()[0]; got > time.Minute {
			t.Errorf("ended after %v", got)
		}
	})
}

func TestMastodon_ReconnectsAWebSocketThatAnswersNoPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{socket: func(n int, c *fakeSocket) {
			if n == 1 {
				io.Copy(io.Discard, c.NetConn())
				return
			}
			go c.stay() // answers pings
			time.Sleep(20 * time.Minute)
			c.update(postJSON(1))
		}}
		ops := run(t, f.overPipes(t), func(ops []stream.Op) bool { return ops[len(ops)-1].ID == keyOf(1) })
		if got := f.pauses(); len(got) != 1 || got[0] < pingInterval+pongWait || got[0] > pingInterval+pongWait+time.Second {
			t.Errorf("the pauses are %v, want one", got)
		}
		if s := streamtest.OpsOf(stream.Status, ops)[2].Notice; s.Reason != fetch.ErrSilent.Error() {
			t.Errorf("the status is %+v", s)
		}
	})
}

func TestMastodon_BacksOffFromAServerThatClosesEachWebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{socket: func(_ int, c *fakeSocket) {
			c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, "deploy"), time.Now().Add(time.Second))
		}}
		ops := run(t, f.overPipes(t), func([]stream.Op) bool { return len(f.pauses()) == 12 })
		want := time.Second
		for i, got := range f.pauses() {
			if got < want*3/4 || got > want {
				t.Errorf("pause %d: got %v, want at most a quarter less than %v", i+1, got, want)
			}
			want = min(2*want, 5*time.Minute)
		}
		if s := streamtest.OpsOf(stream.Status, ops)[2].Notice; s.Reason != "closed by the server: 1001 deploy" {
			t.Errorf("the status is %+v", s)
		}
	})
}

func TestMastodon_TheTokenOfAWebSocketIsInNoLogAddressOrOp(t *testing.T) {
	var log streamtest.Logged
	f := &fakeServer{socket: func(_ int, c *fakeSocket) {
		c.WriteMessage(websocket.TextMessage, []byte(token))
		c.event("Bearer "+token, token)
		c.WriteMessage(websocket.TextMessage, []byte(document(map[string]any{"error": "bad token " + token, "status": 500})))
		c.stay()
	}}
	f.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.String(), "canary") {
			t.Errorf("the token is in the address %s", r.URL)
		}
		return false
	}
	m := f.overTCP(t)
	m.Log = streamtest.DebugLog(&log)
	ops := ""
	err := m.Stream(t.Context(), func(op stream.Op) error { ops += document(op); return nil })
	if err == nil || !strings.Contains(err.Error(), "bad token [redacted]") {
		t.Errorf("got %v", err)
	}
	if all := log.String() + ops + err.Error(); strings.Contains(all, "canary") || !strings.Contains(all, "kind=") {
		t.Errorf("found the token, or no log: %s", all)
	}
}

func TestMastodon_AWebSocketStopsAtOnceAndReturnsTheErrorOfEmit(t *testing.T) {
	f := &fakeServer{socket: func(_ int, c *fakeSocket) { c.update(postJSON(1)); c.stay() }}
	objection := errors.New("full")
	for _, kind := range []stream.Kind{stream.Status, stream.Create} {
		began := time.Now()
		err := f.overTCP(t).Stream(t.Context(), func(op stream.Op) error {
			if op.Kind == kind {
				return objection
			}
			return nil
		})
		if err != objection || time.Since(began) > 5*time.Second {
			t.Errorf("%s: got %v after %v", kind, err, time.Since(began))
		}
	}
}
