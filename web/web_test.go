package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
)

func TestHeaders_AreOnEveryResponse(t *testing.T) {
	f := newFixture(t)
	for _, request := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 200}, {"HEAD", "/", 200}, {"GET", "/?lang=ja", 303}, {"GET", "/nowhere", 404},
		{"GET", "/static/nothing", 404}, {"POST", "/", 405}, {"TRACE", "/", 405}, {"GET", "/streaming", 405},
		{"POST", "/streaming", 401}, {"GET", "/websocket", 426}, {"GET", "/healthz", 200}, {"GET", "/version", 200},
	} {
		w := f.do(request.method, request.path, nil)
		if w.Code != request.status {
			t.Errorf("%s %s: got %d, want %d", request.method, request.path, w.Code, request.status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self' ws://example.com; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types card",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "",
			"Server":                       "",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s %s: %s is %q, want %q", request.method, request.path, name, got, want)
			}
		}
		if w.Header().Get("Permissions-Policy") == "" || w.Header().Get("X-Request-ID") == "" {
			t.Errorf("%s %s: headers are missing: %v", request.method, request.path, w.Header())
		}
	}
}

func TestHeaders_RequireHTTPSOnlyOnHTTPSConnections(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Proxies.Router = true })
	w := f.get("/?theme=dark", "X-Forwarded-Proto", "https", "Host", "nagare.example")
	if got := w.Header().Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security %q", got)
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' wss://nagare.example;") {
		t.Errorf("policy %s", csp)
	}
	if cookie := w.Header().Get("Set-Cookie"); !strings.Contains(cookie, "Secure") {
		t.Errorf("cookie %s", cookie)
	}
}

func TestHeaders_TheSecurityPolicyContainsOnlyAValidHost(t *testing.T) {
	f := newFixture(t)
	for _, host := range []string{"a;script-src *", "a 'unsafe-inline'", "a,b", "*", `a"`, ""} {
		if csp := f.get("/", "Host", host).Header().Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self';") {
			t.Errorf("Host %q made %s", host, csp)
		}
	}
}

func TestMethods_ARefusedMethodGetsTheListOfAllowedMethods(t *testing.T) {
	f := newFixture(t)
	for path, want := range map[string]string{
		"/": "GET, HEAD", "/static/app.css": "GET, HEAD", "/websocket": "GET", "/streaming": "POST", "/healthz": "GET, HEAD",
	} {
		for _, method := range []string{"PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			w := f.do(method, path, nil)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != want {
				t.Errorf("%s %s: got %d and Allow %q, want 405 and %q", method, path, w.Code, w.Header().Get("Allow"), want)
			}
		}
	}
}

func TestErrorPage_BrowsersGetAPageAndOtherClientsALine(t *testing.T) {
	f := newFixture(t)
	w := f.get("/<script>alert(1)</script>", "Accept", "text/html,*/*", "Accept-Language", "ja", "X-Request-ID", "abcdefgh-1")
	page := w.Body.String()
	if w.Code != 404 || !strings.Contains(page, `lang="ja"`) || !strings.Contains(page, "abcdefgh-1") || strings.Contains(page, "alert") {
		t.Errorf("got %d:\n%s", w.Code, page)
	}
	if w := f.get("/nowhere"); w.Body.String() != "not found\n" {
		t.Errorf("a tool gets %q", w.Body)
	}
}

func TestRequestID_ComesFromTheRouterOrElseIsNew(t *testing.T) {
	f := newFixture(t)
	for given, kept := range map[string]bool{
		"30f14c6c-1fc9-4f8b-8f3e-0e5d2c1b4a59": true, "short": false, "with space!": false, "line\nbreak-12345": false, strings.Repeat("a", 129): false,
	} {
		got := f.get("/healthz", "X-Request-ID", given).Header().Get("X-Request-ID")
		if (got == given) != kept || len(got) < 8 {
			t.Errorf("%q became %q", given, got)
		}
	}
}

// A cached response would report the state or version of an earlier moment.
func TestHealth_IsNeverCached(t *testing.T) {
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/version": 200} {
		f := newFixture(t, func(c *Config) { c.Ready = func() error { return errors.New("stopping") } })
		w := f.get(path)
		if w.Code != want || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d with %v", path, w.Code, w.Header())
		}
	}
}

func TestReady_FailsWithTheReasonWhileNotReady(t *testing.T) {
	var reason error
	f := newFixture(t, func(c *Config) { c.Ready = func() error { return reason } })
	if w := f.get("/readyz"); w.Code != 200 {
		t.Errorf("got %d", w.Code)
	}
	reason = errors.New("stopping")
	if w := f.get("/readyz"); w.Code != 503 || !strings.Contains(w.Body.String(), "stopping") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := f.get("/healthz"); w.Code != 200 {
		t.Errorf("alive all the same: got %d", w.Code)
	}
}

// Everybody can read the answer. The error of a store can name its host.
func TestReady_SaysHowTheStoreFailsButNotWhere(t *testing.T) {
	for want, err := range map[string]error{
		"the store is full":          &store.Fault{Kind: store.Full, Err: errors.New("redis: secret-host:6379: OOM")},
		"the store can't be written": errors.New("secret-host: anything"),
	} {
		f := newFixture(t, func(c *Config) { c.Degraded = func() error { return err } })
		w := f.get("/readyz")
		if w.Code != 200 || w.Body.String() != `{"reason":"`+want+`","status":"degraded"}`+"\n" {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
}

func TestMetrics_CountPostsConnectionsRefusalsAndSourceFaults(t *testing.T) {
	f := newFixtureWith(t, hub.Options{Limits: hub.Limits{Handshakes: 1}})
	f.emit(append(creates(1, 3), destroy(1))...)
	f.emit(status("bluesky", stream.Live, ""), status("x", stream.Stopped, stream.FaultSpent),
		status("quiet", stream.Silent, ""), status("closed", stream.Silent, stream.FaultClosed),
		stream.Op{Kind: stream.Lost, Notice: &stream.Notice{Source: "bluesky", Count: 7}},
		stream.Op{Kind: stream.Gap, Notice: &stream.Notice{Source: "bluesky", From: time.Now().Add(-time.Hour), To: time.Now()}})
	for range 2 { // the second request exceeds the limit of one a second
		f.get("/streaming.ndjson")
	}
	lookups := new(stream.Lookups)
	lookups.Add("bluesky posts", nil)
	lookups.Add("bluesky posts", &stream.StatusError{Code: 429})
	lookups.Add("bluesky posts", &stream.StatusError{Code: 403})
	lookups.Add("bluesky posts", errors.New("reset"))
	w := httptest.NewRecorder()
	Metrics(f.hub, f.timeline, lookups).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{"nagare_posts_total 3\n", "nagare_posts_kept 2\n", "nagare_connections 0\n",
		"nagare_refused_total{status=\"503\"} 1\n", "go_goroutines ",
		"nagare_source_live{source=\"bluesky\"} 1\n", "nagare_source_live{source=\"x\"} 0\n", "nagare_source_fault{fault=\"budget\",source=\"x\"} 1\n", "nagare_source_lost_total{source=\"bluesky\"} 7\n",
		"nagare_source_live{source=\"quiet\"} 1\n", "nagare_source_live{source=\"closed\"} 0\n", "nagare_source_fault{fault=\"closed\",source=\"closed\"} 1\n",
		"nagare_source_gaps_total{source=\"bluesky\"} 1\n", "nagare_source_gaps_total{source=\"x\"} 0\n",
		"nagare_lookups_total{of=\"bluesky posts\",result=\"ok\"} 1\n", "nagare_lookups_total{of=\"bluesky posts\",result=\"limited\"} 1\n",
		"nagare_lookups_total{of=\"bluesky posts\",result=\"refused\"} 1\n", "nagare_lookups_total{of=\"bluesky posts\",result=\"failed\"} 1\n"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in the metrics", want)
		}
	}
	if w := f.get("/metrics"); w.Code != 404 {
		t.Errorf("the site itself serves /metrics: %d", w.Code)
	}
}

func TestLog_HasOneLineForARequestWithoutItsSecrets(t *testing.T) {
	for _, path := range []string{"/?q=canary", "/%0A%1b%5B31m%22%2C%22level%22%3A%22ERROR", "/" + strings.Repeat("a", 9000)} {
		var out bytes.Buffer
		f := newFixture(t, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(&out, nil)) })
		f.get(path, "Authorization", "Bearer canary", "Cookie", "x=canary")
		line := out.String()
		var fields map[string]any
		if err := json.Unmarshal(out.Bytes(), &fields); err != nil {
			t.Fatalf("%s: %v in %q", path, err, line)
		}
		if strings.Contains(line, "canary") || strings.Count(line, "\n") != 1 || len(line) > 600 || fields["level"] != "INFO" {
			t.Errorf("%.60s is logged as %s", path, line)
		}
	}
}

func TestPanic_EndsOnlyItsOwnRequest(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	fail := errorPages{site: "Nagare"}
	handler := fail.recovered(log, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			w.WriteHeader(http.StatusAccepted)
		}
		panic("a bug")
	}))
	for path, want := range map[string]int{"/": 500, "/late": 202} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want || !strings.Contains(out.String(), "a bug") || strings.Contains(w.Body.String(), "a bug") {
			t.Errorf("%s: got %d %q, log %s", path, w.Code, w.Body, out.String())
		}
	}
}
