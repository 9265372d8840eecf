package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"nagare/hub"
)

// origins are values of the Origin header, and whether a site at https://nagare.example accepts
// them.
var origins = []struct {
	origin string
	own    bool
}{
	{"https://nagare.example", true},
	{"https://NAGARE.example", true},
	{"https://nagare.example:443", true},
	{"https://nagare.example.", true}, // in the DNS this is the same host
	{"https://nagare.example.:443", true},
	{"https://nagare.example:", false},
	{"https://nagare.example.:", false},
	{"https://nagare.example:0", false},
	{"https://nagare.example:65979", false}, // 443 if truncated to 16 bits
	{"https://nagare.example?", false},
	{"https://nagare.example#", false},
	{"https://:443", false},
	{"http://nagare.example", false},
	{"https://nagare.example:8443", false},
	{"https://nagare.example:80", false},
	{"https://www.nagare.example", false},
	{"https://nagare.example.evil.example", false},
	{"https://evilnagare.example", false},
	{"https://nagare.exampl", false},
	{"https://nagare.example@evil.example", false},
	{"https://user@nagare.example", false},
	{"https://nagare.example/", false},
	{"https://nagare.example/path", false},
	{"https://xn--nagre-zra.example", false},
	{"https://nagаre.example", false}, // its second a is Cyrillic
	{"https://nagare.example https://evil.example", false},
	{"null", false},
	{"file://", false},
	{"", false},
}

// newPublicFixture makes a site with the public URL https://nagare.example.
func newPublicFixture(t *testing.T) *fixture {
	public := Origins{"https://nagare.example"}
	return newFixtureWith(t, hub.Options{CheckOrigin: public.Allow}, func(c *Config) { c.Origins = public })
}

func TestOrigin_OnlyPagesOfTheSiteCanPublish(t *testing.T) {
	f := newPublicFixture(t)
	for _, c := range origins {
		w := f.send(jsonType, `{"text":"hello","screen_name":"mio"}`, "Origin", c.origin)
		if (w.Code == http.StatusCreated) != c.own || !c.own && w.Code != http.StatusForbidden {
			t.Errorf("POST /streaming from %q: got %d, own is %v", c.origin, w.Code, c.own)
		}
	}
	if w := f.send(jsonType, `{"text":"hello","screen_name":"mio"}`); w.Code != http.StatusCreated {
		t.Errorf("POST /streaming from a tool, without Origin: got %d", w.Code)
	}
}

func TestOrigin_WebSocketsFollowTheSameRuleAsPosts(t *testing.T) {
	f := newPublicFixture(t)
	server := f.serveReal()
	address := "ws" + strings.TrimPrefix(server.URL, "http") + "/websocket"
	for _, c := range origins {
		ws, response, err := websocket.DefaultDialer.DialContext(t.Context(), address, http.Header{"Origin": {c.origin}})
		if err == nil {
			ws.Close()
		}
		if (err == nil) != c.own || !c.own && response.StatusCode != http.StatusForbidden {
			t.Errorf("a socket from %q: got %v, own is %v", c.origin, err, c.own)
		}
	}
}

// The expected origins are what new URL(given).origin returns according to WHATWG's URL standard,
// except that the dot at the end of a host is removed.
func TestCanonicalOrigin_MatchesTheOriginThatBrowsersSend(t *testing.T) {
	for given, want := range map[string]string{
		"https://blåbær.example":        "https://xn--blbr-roah.example",
		"https://BLÅBÆR.example.:443":   "https://xn--blbr-roah.example",
		"https://xn--blbr-roah.example": "https://xn--blbr-roah.example",
		"https://straße.example":        "https://xn--strae-oqa.example",
		"https://例え。example:08443":      "https://xn--r8jz45g.example:8443",
		"https://ａｂｃ.example":           "https://abc.example",
		"https://x--y.example":          "https://x--y.example",
		"HTTPS://Nagare.Example":        "https://nagare.example",
		"http://nagare.example:80":      "http://nagare.example",
		"http://nagare.example:443":     "http://nagare.example:443",
		"http://my_host:8080":           "http://my_host:8080",
		"http://[2001:DB8:0::1]:80":     "http://[2001:db8::1]",
		"http://127.0.0.1:080":          "http://127.0.0.1",
		"https://blå bær.example":       "",
		"https://xn--a.example":         "", // invalid Punycode
		"https://.":                     "",
		"https://a.example:65536":       "",
		"http://[fe80::1%25eth0]":       "",
	} {
		if got, ok := CanonicalOrigin(given); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", given, got, ok, want)
		}
	}
}

func TestOrigin_LogsRefusalsOnceAMinuteWithBothOrigins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &logText{}
		allowed := Origins{"https://xn--blbr-roah.example"}.Reported(slog.New(slog.NewTextHandler(out, nil)))
		ask := func(origin string, times int) {
			r := httptest.NewRequest("GET", "/websocket", nil)
			r.Header.Set("Origin", origin)
			for range times {
				if allowed(r) != (origin == "https://blåbær.example") {
					t.Errorf("%s: allowed is %v", origin, allowed(r))
				}
			}
		}
		ask("https://blåbær.example", 1)
		if got := out.take(); got != "" {
			t.Errorf("a page of the site is logged: %s", got)
		}
		ask("https://other.example", 1)
		want := `msg="request refused, the origin of its page is not the site's" origin=https://other.example site=https://xn--blbr-roah.example setting="--public-url, PUBLIC_URL" path=/websocket refused=1`
		if got := out.take(); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
		ask("https://other.example", 999)
		time.Sleep(59 * time.Second)
		ask("https://other.example", 1)
		if got := out.take(); got != "" {
			t.Errorf("logged again within a minute: %s", got)
		}
		time.Sleep(time.Second)
		ask("https://newest.example", 1)
		if got := out.take(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "origin=https://newest.example") || !strings.Contains(got, "refused=1001") {
			t.Errorf("after a minute: %s", got)
		}
	})
}

// Without a public URL, the site's own origin is what the request and trusted proxies report.
func TestOrigin_WithoutAPublicURLTheLogNamesTheOriginOfTheRequest(t *testing.T) {
	out := &logText{}
	f := newFixture(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(out, nil)) })
	w := f.send(jsonType, `{"text":"hello","screen_name":"mio"}`, "Origin", "https://one.example", "Host", "one.example", "X-Forwarded-Proto", "https")
	if got := out.take(); w.Code != 403 || !strings.Contains(got, "origin=https://one.example site=http://one.example") {
		t.Errorf("got %d and %s", w.Code, got)
	}
}

func TestOrigin_WithoutAPublicURLTheRequestDecidesWhatIsAllowed(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Proxies.Router = true })
	for _, c := range []struct {
		origin, host, proto string
		want                int
	}{
		{"http://one.example", "one.example", "", 201},
		{"https://one.example", "one.example", "https", 201},
		{"https://one.example", "one.example", "wss", 201},
		{"http://one.example", "one.example", "ws", 201},
		{"https://one.example", "one.example", "", 403},
		{"https://one.example:", "one.example:", "https", 403},
		{"http://one.example", "one.example", "https", 403},
		{"http://one.example:8080", "one.example:8080", "", 201},
		{"http://two.example", "one.example", "", 403},
	} {
		w := f.send(jsonType, `{"text":"hello","screen_name":"mio"}`, "Origin", c.origin, "Host", c.host, "X-Forwarded-Proto", c.proto)
		if w.Code != c.want {
			t.Errorf("from %s at %s by %q: got %d, want %d", c.origin, c.host, c.proto, w.Code, c.want)
		}
	}
}
