package mastodon

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestMastodon_IgnoresInvalidJSON(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) {
		s.event("filters_changed", "undefined")
		s.write("event: filters_changed\n\n")
		s.event("update", "undefined")
		s.event("update", `{"id":"1"}`)
		s.event("something.new", `{"a":1}`)
		s.event("notification", `{"id":"5"}`)
		s.write(":thump\nevent: update\n:thump\ndata: " + document(postJSON(7)) + "\n\n")
		s.stay()
	}}
	m := f.overTCP(t)
	ops := run(t, m, until(7))
	if d := cmp.Diff([]string{"create 7"}, summary(ops)); d != "" {
		t.Error(d)
	}
	if got := m.anomalies.Count("an unknown event"); got != 1 {
		t.Errorf("%d unknown events counted, want 1", got)
	}
}

func TestMastodon_FindsBoostedAndRemotePostsByTheLocalIDOfADelete(t *testing.T) {
	remote := postJSON(20, map[string]any{"uri": "https://b.example/objects/9", "url": nil})
	f := &fakeServer{play: func(_ int, s *wire) {
		s.update(postJSON(21, map[string]any{"reblog": remote, "content": ""}))
		s.update(postJSON(22))
		s.event("delete", "20")
		s.event("delete", `"21"`)
		s.event("delete", "22")
		s.event("delete", "99")
		s.update(postJSON(23))
		s.stay()
	}}
	m := f.overTCP(t)
	ops := run(t, m, until(23))
	if d := cmp.Diff([]string{"create 21 of 9", "create 22", "destroy 9", "destroy 21", "destroy 22", "create 23"}, summary(ops)); d != "" {
		t.Error(d)
	}
	if got := m.anomalies.Count("a delete of an unknown post"); got != 1 {
		t.Errorf("%d deletes of unknown posts counted, want 1", got)
	}
}

func TestMastodon_AnEditOfAPostThatIsNotShownHasNoEffect(t *testing.T) {
	edit := map[string]any{"content": "<p>edited</p>", "edited_at": "2026-11-23T10:00:00.000Z"}
	f := &fakeServer{play: func(_ int, s *wire) {
		s.update(postJSON(1))
		s.event("status.update", document(postJSON(1, edit)))
		s.event("status.update", document(postJSON(2, edit)))
		s.update(postJSON(3))
		s.stay()
	}}
	shown := reconciled(t, run(t, f.overTCP(t), until(3)))
	if d := cmp.Diff([]string{"create 1", "update 1", "create 3"}, summary(shown)); d != "" {
		t.Fatal(d)
	}
	for _, op := range shown {
		if op.Kind == stream.Update && (stream.PlainText(op.Post.Text) != "edited" || op.Post.EditedAt.IsZero()) {
			t.Errorf("got %+v", op.Post)
		}
	}
}

func TestMastodon_AddsABoostToThePostThatIsShown(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) {
		s.update(postJSON(1))
		s.update(postJSON(2, map[string]any{"reblog": postJSON(1), "content": "", "account": map[string]any{
			"id": "2", "username": "rin", "acct": "rin@b.example", "url": "https://b.example/@rin", "display_name": "Rin"}}))
		s.update(postJSON(3))
		s.stay()
	}}
	shown := reconciled(t, run(t, f.overTCP(t), until(3)))
	if d := cmp.Diff([]string{"create 1", "update 1", "create 3"}, summary(shown)); d != "" {
		t.Fatal(d)
	}
	for _, op := range shown {
		if op.Kind == stream.Update && (op.Post.RepostedBy == nil || op.Post.RepostedBy.Handle != "rin@b.example") {
			t.Errorf("boosted by %+v", op.Post.RepostedBy)
		}
	}
}

func TestMastodon_EmitsNoPrivatePostsOfAUserStream(t *testing.T) {
	f := &fakeServer{play: func(_ int, s *wire) {
		for i, visibility := range []any{"private", "direct", "unlisted", "local", "", nil, 7} {
			s.update(postJSON(i, map[string]any{"visibility": visibility}))
			s.event("status.update", document(postJSON(i, map[string]any{"visibility": visibility})))
		}
		s.update(postJSON(10, map[string]any{"reblog": postJSON(11, map[string]any{"visibility": "private"})}))
		s.update(postJSON(12, map[string]any{"visibility": "private", "reblog": postJSON(13)}))
		s.event("conversation", document(map[string]any{"last_status": postJSON(14, map[string]any{"visibility": "direct"})}))
		s.event("notification", document(map[string]any{"status": postJSON(15)}))
		s.update(postJSON(20))
		s.stay()
	}}
	for unlisted, want := range map[bool][]string{false: {"create 20"}, true: {"create 2", "update 2", "create 20"}} {
		m := f.overTCP(t)
		m.Timeline, m.Unlisted = "user", unlisted
		if d := cmp.Diff(want, summary(run(t, m, until(20)))); d != "" {
			t.Errorf("unlisted %v: %s", unlisted, d)
		}
	}
	if got := f.requests("/api/v1/streaming/user"); len(got) != 2 || got[0] != "" {
		t.Errorf("requested %q", f.requested)
	}
}

func TestMastodon_EndsAfterOneRequestIfTheTokenIsRefused(t *testing.T) {
	f := &fakeServer{}
	for name, test := range map[string]struct {
		token stream.Secret
		code  int // of the response; 0: the one for a wrong token
		words string
	}{
		"no token":      {"", 0, "needs a user token"},
		"a wrong token": {"nonsense", 0, "refuses the token"},
		"403":           {token, http.StatusForbidden, `doesn't let this token read the timeline "list:7"`},
		"404":           {token, http.StatusNotFound, `has no timeline "list:7"`},
	} {
		t.Run(name, func(t *testing.T) {
			f.requested = nil
			f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
				if test.code == 0 || !strings.HasPrefix(r.URL.Path, "/api/v1/streaming") {
					return false
				}
				http.Error(w, `{"error":"no"}`, test.code)
				return true
			}
			m := f.overTCP(t)
			m.Token, m.Timeline = test.token, "list:7"
			err := stream.Run(t.Context(), streamtest.Quiet, m, streamtest.Ignore)
			if !stream.IsPermanent(err) || !strings.Contains(err.Error(), test.words) {
				t.Errorf("got %v, want a permanent error with %q", err, test.words)
			}
			most := map[bool]int{false: 1, true: 2}[test.code == http.StatusNotFound] // then it tries a WebSocket, too
			if got := f.requests("/api/v1/streaming"); len(got) != most {
				t.Errorf("%d requests: %q", len(got), got)
			}
			if err := m.Check(t.Context()); err == nil || !strings.Contains(err.Error(), test.words) {
				t.Errorf("Check: got %v, want %q", err, test.words)
			}
		})
	}
}

func TestMastodon_BacksOffFromAServerThatClosesEachStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{play: func(int, *wire) {}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := stream.Run(ctx, streamtest.Quiet, f.overPipes(t), streamtest.Ignore); err != nil {
			t.Fatal(err)
		}
		want := time.Second
		for i, got := range f.pauses() {
			if got < want*3/4 || got > want {
				t.Errorf("pause %d: got %v, want at most a quarter less than %v", i+1, got, want)
			}
			want = min(2*want, 5*time.Minute)
		}
		if n := len(f.opened); n < 15 || n > 25 {
			t.Errorf("%d streams opened in an hour", n)
		}
		if n := len(f.requests("/api/v2/instance")); n != 1 {
			t.Errorf("requested the instance %d times", n)
		}
	})
}

func TestMastodon_WaitsUntilTheServersRateLimitIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := 0
		f := &fakeServer{play: func(_ int, s *wire) { s.update(postJSON(1)); s.stay() }}
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/v1/streaming") || limited > 0 {
				return false
			}
			limited++
			w.Header().Set("X-RateLimit-Reset", time.Now().Add(4*time.Minute).UTC().Format(time.RFC3339Nano))
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		run(t, f.overPipes(t), until(1))
		if got := f.pauses(); len(got) != 1 || got[0] < 4*time.Minute || got[0] > 4*time.Minute+5*time.Second {
			t.Errorf("waited %v, want 4 minutes", got)
		}
	})
}

func TestMastodon_TheTokenIsInNoLogAddressOrOp(t *testing.T) {
	var log bytes.Buffer
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host received a request for %s with the authorization %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	f := &fakeServer{play: func(_ int, s *wire) {
		s.event("update", `{"id":`)
		s.event("Bearer "+token, token)
		s.update(postJSON(1))
		s.stay()
	}}
	f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.String(), token) {
			t.Errorf("the token is in the address %s", r.URL)
		}
		return false
	}
	m := f.overTCP(t)
	m.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	m.Store = new(streamtest.Texts)
	ops := document(run(t, m, until(1)))

	f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		return true
	}
	for _, client := range []*http.Client{nil, {}} {
		m.Client = client
		if err := m.Stream(t.Context(), streamtest.Ignore); err == nil || !strings.Contains(err.Error(), "set the new address") {
			t.Errorf("got %v, want an error about the redirect", err)
		} else {
			log.WriteString(err.Error())
		}
	}
	for _, spelling := range streamtest.Spellings(token) {
		f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			http.Error(w, `{"error":"bad token Bearer `+spelling+`"}`, http.StatusUnauthorized)
			return true
		}
		err := stream.Run(t.Context(), m.Log, m, func(op stream.Op) error {
			ops += document(op)
			return nil
		})
		if !stream.IsPermanent(err) || !strings.Contains(err.Error(), "bad token Bearer [redacted]") {
			t.Errorf("got %v, want a permanent error with the response", err)
		}
		log.WriteString(err.Error() + m.Check(t.Context()).Error())
	}
	if strings.Contains(log.String()+ops, "canary") {
		t.Errorf("found the token: %s\n%s", log.String(), ops)
	}
	if !strings.Contains(log.String(), "kind=") {
		t.Errorf("unexpected data was not logged: %s", log.String())
	}
}

func TestMastodon_ReadsPayloadsThatAreObjectsOrStrings(t *testing.T) {
	post := document(postJSON(7))
	for name, payload := range map[string]string{"an object": post, "a string": document(post)} {
		e, err := decodeEvent("update", []byte(payload))
		if err != nil || e.kind != stream.Create || e.status.ID != "7" {
			t.Errorf("%s: got %+v, %v", name, e, err)
		}
	}
}
