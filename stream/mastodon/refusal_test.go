package mastodon

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestMastodon_KeepsTryingWhileSomethingInFrontOfTheServerRefuses(t *testing.T) {
	for _, body := range []string{"<!DOCTYPE html><title>Just a moment...</title>", "", "404 page not found"} {
		for _, code := range []int{401, 403, 404, 406, 410, 301, 302} {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(1)); s.stay() }}
				began := time.Now()
				f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
					if time.Since(began) > 10*time.Minute {
						return false
					}
					w.Header().Set("Location", "https://login.example/")
					w.WriteHeader(code)
					io.WriteString(w, body)
					return true
				}
				ops := run(t, f.overPipes(t), until(1))
				why := streamtest.OpsOf(stream.Status, ops)[1].Notice
				if code >= 400 && (why.Fault != stream.FaultUnreachable || !strings.Contains(why.Reason, "something in front of")) {
					t.Errorf("%d %q: the status is %+v", code, body, why)
				}
				if n := len(f.requested); n > 100 {
					t.Errorf("%d %q: %d requests", code, body, n)
				}
			})
		}
	}
}

func TestMastodon_StopsIfAWebSocketRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		token  stream.Secret
		inside bool
		refuse func(w http.ResponseWriter, r *http.Request) bool
		socket func(c *fakeSocket)
		words  string
		last   bool // the error is permanent
	}{
		"GoToSocial refuses the token": {token: "nonsense", words: "refuses the token", last: true},
		"Pleroma refuses the token":    {token: "nonsense", inside: true, words: "refuses the token", last: true}, // it answers without an error of the API
		"no token":                     {words: "needs a user token", last: true},
		"an unknown stream": {token: token, words: "400 Bad Request: Unknown stream type", last: true,
			socket: func(c *fakeSocket) {
				c.WriteMessage(websocket.TextMessage, []byte(`{"error":"Unknown stream type","status":400}`))
				c.stay()
			}},
		"a list of somebody else": {token: token, words: `has no timeline "list:7"`, last: true,
			refuse: func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/api/v1/streaming" {
					return false
				}
				http.Error(w, `{"error":"Record not found"}`, http.StatusNotFound)
				return true
			}},
		"a proxy in between refuses": {token: token, words: "something in front of",
			refuse: func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/api/v1/streaming" {
					return false
				}
				w.WriteHeader(http.StatusForbidden)
				return true
			}},
		"a proxy in between knows no WebSockets": {token: token, words: "no event stream (stream: a.example has no timeline",
			refuse: func(w http.ResponseWriter, r *http.Request) bool {
				r.Header.Del("Upgrade")
				return false
			}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeServer{inside: test.inside, refuse: test.refuse, socket: func(_ int, c *fakeSocket) { test.socket(c) }}
			m := f.overTCP(t)
			m.Token, m.Timeline = test.token, "list:7"
			err := m.Stream(t.Context(), streamtest.Ignore)
			words := strings.Replace(test.words, "a.example", strings.TrimPrefix(m.Server, "http://"), 1)
			if stream.IsPermanent(err) != test.last || !strings.Contains(err.Error(), words) {
				t.Errorf("got %v, permanent %v", err, stream.IsPermanent(err))
			}
			if strings.Contains(err.Error(), "nonsense") {
				t.Errorf("the token is in %v", err)
			}
		})
	}
}

// The streams can be at another host. While the address of that host is not known, an answer of the
// server's own host says nothing about them.
func TestMastodon_WaitsForTheInstanceDocumentIfSomethingInFrontOfItRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(1)); s.stay() }}
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case len(f.requests("/")) > 5:
				return false
			case r.URL.Path == "/api/v2/instance":
				http.Error(w, "<title>Just a moment...</title>", http.StatusForbidden)
			default:
				http.Error(w, `{"error":"Not found"}`, http.StatusNotFound)
			}
			return true
		}
		run(t, f.overPipes(t), until(1))
		if got := f.requests("/api/v1/streaming"); len(got) != 1 {
			t.Errorf("requested %q", f.requested)
		}
	})
}
