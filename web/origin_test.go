package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"nagare/hub"
)

// origins are what pages of all kinds say where they come from, to a site at
// https://nagare.example.
var origins = []struct {
	origin string
	own    bool
}{
	{"https://nagare.example", true},
	{"https://NAGARE.example", true},
	{"https://nagare.example:443", true},
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
	{"https://nagаre.example", false}, // with a Cyrillic а
	{"https://nagare.example https://evil.example", false},
	{"null", false},
	{"file://", false},
	{"", false},
}

// publicly configures the site to be at https://nagare.example.
func publicly(c *Config) {
	c.Origins = Origins{"https://nagare.example"}
	c.Hub = hub.New(hub.Options{Log: c.Log, CheckOrigin: c.Origins.Allow})
	c.Timeline = NewTimeline(c.Hub, "streaming", c.Log)
}

func TestOrigin_TwentyOrigins(t *testing.T) {
	if len(origins) != 20 {
		t.Fatalf("%d origins", len(origins))
	}
	f := newFixture(t, publicly)
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

func TestOrigin_TheSocketGoesByTheSameRule(t *testing.T) {
	f := newFixture(t, publicly)
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

func TestOrigin_WithoutAPublicURLIsWhereTheRequestWasSent(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Proxies.Router = true })
	for _, c := range []struct {
		origin, host, proto string
		want                int
	}{
		{"http://one.example", "one.example", "", 201},
		{"https://one.example", "one.example", "https", 201},
		{"https://one.example", "one.example", "", 403},
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
