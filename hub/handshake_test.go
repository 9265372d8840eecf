package hub

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// answerTo sends text to a hub that serves WebSockets at /websocket and Server-Sent Events at
// /events. It returns the response, and the body unless the status is 101.
func answerTo(t *testing.T, text string) (*http.Response, string) {
	t.Helper()
	h := New(Options{Log: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	mux.Handle("/websocket", h)
	mux.HandleFunc("/events", h.Channel("streaming").ServeEvents)
	server := httptest.NewServer(mux)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
		server.Close()
	})
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer to %q: %v", text, err)
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		return response, ""
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

const (
	upgradeLines = "Host: example.org\nConnection: keep-alive, Upgrade\nUpgrade: websocket\n"
	keyLine      = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n"
	versionLine  = "Sec-WebSocket-Version: 13\n"
)

func TestHandshake_FollowsRFC6455(t *testing.T) {
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"a handshake", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + keyLine + "\n", 101},
		{"HTTP/1.0 has no upgrades", "GET /websocket HTTP/1.0\n" + upgradeLines + versionLine + keyLine + "\n", 426},
		{"two keys", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + keyLine + keyLine + "\n", 400},
		{"no key", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + "\n", 400},
		{"a key that is too short", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + "Sec-WebSocket-Key: AAAA\n\n", 400},
		{"two versions in a line", "GET /websocket HTTP/1.1\n" + upgradeLines + "Sec-WebSocket-Version: 13, 8\n" + keyLine + "\n", 426},
		{"two versions", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + "Sec-WebSocket-Version: 8\n" + keyLine + "\n", 426},
		{"another version", "GET /websocket HTTP/1.1\n" + upgradeLines + "Sec-WebSocket-Version: 8\n" + keyLine + "\n", 426},
		{"no version", "GET /websocket HTTP/1.1\n" + upgradeLines + keyLine + "\n", 426},
		{"another method", "POST /websocket HTTP/1.1\n" + upgradeLines + versionLine + keyLine + "\n", 405},
		{"a body", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + keyLine + "Content-Length: 5\n\nhello", 400},
		{"a body in chunks", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + keyLine + "Transfer-Encoding: chunked\n\n0\n\n", 400},
		{"a frame before the answer", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + keyLine + "\n\x89\x80AAAA", 400},
		{"a second request before the answer", "GET /websocket HTTP/1.1\n" + upgradeLines + versionLine + keyLine + "\nGET / HTTP/1.1\nHost: example.org\n\n", 400},
		{"a stream with a body", "GET /events HTTP/1.1\nHost: example.org\nContent-Length: 5\n\nhello", 400},
		{"a second request behind that for a stream", "GET /events HTTP/1.1\nHost: example.org\n\nGET / HTTP/1.1\nHost: example.org\n\n", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			response, body := answerTo(t, c.request)
			if response.StatusCode != c.status || c.status != 101 && body == "" && response.ContentLength != 0 {
				t.Errorf("got %s %q, want %d", response.Status, body, c.status)
			}
			if upgrade := response.Header.Get("Upgrade"); c.status == 426 && upgrade != "websocket" {
				t.Errorf("426 with Upgrade %q", upgrade)
			}
			if version := response.Header.Get("Sec-Websocket-Version"); strings.Contains(c.name, "version") && version != "13" {
				t.Errorf("%s with version %q, want 13", response.Status, version)
			}
			if strings.Contains(c.name, "body") && !response.Close {
				t.Error("the connection stays open")
			}
		})
	}
}

func TestOrigin_MustMatchTheHostByDefault(t *testing.T) {
	for _, c := range []struct {
		origins []string
		want    bool
	}{
		{nil, true},
		{[]string{"https://example.org"}, true},
		{[]string{"http://EXAMPLE.org"}, true},
		{[]string{"https://example.org:"}, false},
		{[]string{"https://example.org:8443"}, false},
		{[]string{"https://user@example.org"}, false},
		{[]string{"https://example.org/path"}, false},
		{[]string{"https://example.org?query"}, false},
		{[]string{"https://example.org", "https://evil.example"}, false},
		{[]string{"https://evil.example"}, false},
		{[]string{"null"}, false},
		{[]string{""}, false},
	} {
		r := httptest.NewRequest("GET", "http://example.org/websocket", nil)
		r.Header["Origin"] = c.origins
		if got := sameHost(r); got != c.want {
			t.Errorf("from %q: %v, want %v", c.origins, got, c.want)
		}
	}
}
