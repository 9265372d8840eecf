package web

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"nagare/hub"
)

// fronts are proxies that can be in front of a site: real ones with this project's sample
// configurations, and stand-ins that send headers and rewrite pages as other proxies do.
var fronts = []struct {
	name  string
	start func(*testing.T, *httptest.Server) (address string)
}{
	{"nginx", startNginx},
	{"nginx with a cache", startNginxCache},
	{"HAProxy", startHAProxy},
	{"Traefik", standIn(traefik, nil)},
	{"Azure Application Gateway", standIn(azure, nil)},
	{"Cloudflare", standIn(cloudflare, hidesUnlessCommented)},
	{"a proxy that heeds no-transform", standIn(cloudflare, hidesUnlessForbidden)},
}

// Visitors with different addresses use the site through each proxy. The site allows one
// connection for each address, and takes its own origin from the headers of the proxy.
func TestFront_PagesAndStreamsWorkBehindEachProxy(t *testing.T) {
	for _, front := range fronts {
		t.Run(front.name, func(t *testing.T) {
			f, seen := frontedFixture(t)
			at := front.start(t, f.serveReal())

			f.expectPage(visitor{2, at}, seen)
			f.expectLive(visitor{2, at})
			if status := (visitor{2, at}).connect(t, "https://"+at, nil); status != http.StatusTooManyRequests {
				t.Errorf("a second socket of the same visitor: %d, want 429", status)
			}
			f.expectLive(visitor{3, at})
			f.expectEvents(visitor{4, at})
			for _, origin := range []string{"http://" + at, "https://evil.example", "null"} {
				if status := (visitor{5, at}).connect(t, origin, nil); status != http.StatusForbidden {
					t.Errorf("a socket from %s: %d, want 403", origin, status)
				}
			}
		})
	}
}

// frontedFixture makes a site that trusts a proxy at 127.0.0.1. A post's author has a name that
// looks like an e-mail address. The returned function describes how the site interpreted the
// newest request.
func frontedFixture(t *testing.T) (f *fixture, seen func() string) {
	proxies := Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	f = newFixtureWith(t, hub.Options{Limits: hub.Limits{PerClient: 1}}, func(c *Config) { c.Proxies = proxies })
	kei := post(1, "The ferry is late again.")
	kei.Author.Handle = "kei@town.example"
	f.emit(create(kei))
	requests := make(chan string, 100)
	f.Handler = noted(requests, proxies, f.Handler)
	return f, func() (last string) {
		for len(requests) > 0 {
			last = <-requests
		}
		return last
	}
}

// noted sends to seen the client's address, the scheme and the host of each request, as the site
// interprets them.
func noted(seen chan<- string, proxies Proxies, next http.Handler) http.Handler {
	note := proxies.resolved(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen <- fmt.Sprintf("%s %s %s", r.RemoteAddr, Scheme(r), r.Host)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note.ServeHTTP(w, r)
		next.ServeHTTP(w, r)
	})
}

// visitor is a client at 127.0.0.n that uses the proxy at an address.
type visitor struct {
	n  byte
	at string
}

func (v visitor) dialer() *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, v.n)}}
}

func (v visitor) get(t testing.TB, path string) *http.Response {
	t.Helper()
	transport := &http.Transport{DialContext: v.dialer().DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+v.at+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", "192.0.2.66") // invented by the client
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// connect opens a WebSocket, calls use with it, and keeps it open until the test ends. It returns
// the status of the response.
func (v visitor) connect(t testing.TB, origin string, use func(*websocket.Conn)) int {
	t.Helper()
	dialer := websocket.Dialer{NetDialContext: v.dialer().DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	ws, response, err := dialer.DialContext(t.Context(), "wss://"+v.at+"/websocket", http.Header{"Origin": {origin}})
	if response == nil {
		t.Fatal(err)
	}
	if err == nil {
		t.Cleanup(func() { ws.Close() })
		ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		if use != nil {
			use(ws)
		}
	}
	return response.StatusCode
}

// expectPage expects that the visitor receives the page unchanged, with the headers that the site
// has set.
func (f *fixture) expectPage(v visitor, seen func() string) {
	f.t.Helper()
	response := v.get(f.t, "/")
	page, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if got, want := seen(), fmt.Sprintf("127.0.0.%d:0 https %s", v.n, v.at); got != want {
		f.t.Errorf("the site sees %q, want %q", got, want)
	}
	if response.StatusCode != 200 || response.Header.Get("Strict-Transport-Security") == "" || !goodID.MatchString(response.Header.Get(requestID)) {
		f.t.Errorf("got %s with %v", response.Status, response.Header)
	}
	if !bytes.Contains(page, []byte("@kei@town.example")) || bytes.Contains(page, []byte(hidden)) {
		f.t.Error("the page doesn't name @kei@town.example")
	}
}

// expectLive expects that a WebSocket receives a post that is published after the subscription.
func (f *fixture) expectLive(v visitor) {
	f.t.Helper()
	status := v.connect(f.t, "https://"+v.at, func(ws *websocket.Conn) {
		ask := `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"}}]`
		if err := ws.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
			f.t.Fatal(err)
		}
		words := fmt.Sprintf("live for %d", v.n)
		for subscribed := false; ; {
			_, message, err := ws.ReadMessage()
			switch {
			case err != nil:
				f.t.Fatal(err)
			case subscribed && strings.Contains(string(message), words):
				return
			case strings.Contains(string(message), `"success":true`):
				subscribed = true
				f.emit(create(post(int(v.n), words)))
			}
		}
	})
	if status != http.StatusSwitchingProtocols {
		f.t.Errorf("a socket of 127.0.0.%d: %d, want 101", v.n, status)
	}
}

// expectEvents expects that the proxy passes on an event stream without buffering it.
func (f *fixture) expectEvents(v visitor) {
	f.t.Helper()
	in := bufio.NewScanner(v.get(f.t, "/streaming/events").Body)
	for in.Scan() {
		if in.Text() == "event: stream.subscribed" {
			f.emit(create(post(int(v.n), "in the event stream")))
		}
		if strings.Contains(in.Text(), "in the event stream") {
			return
		}
	}
	f.t.Errorf("the event stream ends: %v", in.Err())
}
