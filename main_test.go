package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

var secret = strings.Repeat("s", leastToken)

func TestRun_ServesStreamsAndStopsCleanly(t *testing.T) {
	defer goleak.VerifyNone(t)
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret, "SITE_NAME=Teien")
	ws := p.subscribe()
	defer ws.Close()
	p.next(ws, "websocket_rails.subscribe")

	p.post("first words")
	if got := p.next(ws, "create")["text"]; got != "first words" {
		t.Errorf("the socket brought %q", got)
	}
	if page := p.get("/"); !strings.Contains(page, "first words") || !strings.Contains(page, "<title>Teien</title>") {
		t.Errorf("the page lacks the post or the name:\n%s", page)
	}

	p.stop()
	p.next(ws, "stream.draining")
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("the socket ended with %v, want 1012", err)
	}
	ws.Close()
	p.end()
	if strings.Contains(p.console.String(), secret) || strings.Contains(p.console.String(), "first words") {
		t.Errorf("the log tells the token or the post:\n%s", p.console)
	}
}

// WebSockets and streams are open to pages of the public origin, and to clients that aren't
// browsers.
func TestRun_AcceptsConnectionsFromItsPublicURL(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0") // the port must be known before: the program prints only its public address
	if err != nil {
		t.Fatal(err)
	}
	here := free.Addr().String()
	free.Close()
	_, port, _ := strings.Cut(here, ":")
	p := start(t, "SOURCE=none", "PUBLIC_URL=https://Blåbær.example.:443/", "PORT="+port)
	defer p.end()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for origin, want := range map[string]int{
		"https://xn--blbr-roah.example": 101, "": 101, // browsers send the host in Punycode
		"http://xn--blbr-roah.example": 403, "https://blbr.example": 403, "http://" + here: 403, "https://evil.example": 403,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		ws, answer, err := websocket.DefaultDialer.Dial("ws://"+here+"/websocket", header)
		if err == nil {
			ws.Close()
		}
		if answer == nil || answer.StatusCode != want {
			t.Errorf("a socket from %q: %v, %v, want %d", origin, answer, err, want)
		}
		request, _ := http.NewRequest(http.MethodGet, "http://"+here+"/streaming/events", nil)
		request.Header = header
		answer, err = http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if refused := answer.StatusCode == 403; refused != (want == 403) {
			t.Errorf("events from %q: %s", origin, answer.Status)
		}
	}
}

func TestRun_PlaysARecording(t *testing.T) {
	file := filepath.Join(t.TempDir(), "posts.ndjson")
	line := `{"op":"create","at":"2026-05-01T12:00:00Z","id":"replay:1","tweet":{"id":"replay:1","source":"replay",` +
		`"created_at":"2026-05-01T12:00:00Z","author":{"handle":"mio"},"text":[{"text":"from the file"}]}}` + "\n"
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "SOURCE=replay:"+file)
	defer p.end()
	ws := p.subscribe()
	defer ws.Close()
	if got := p.next(ws, "create")["text"]; got != "from the file" {
		t.Errorf("the socket brought %q", got)
	}
	if page := p.get("/"); !strings.Contains(page, "Sample posts") {
		t.Error("the page hides that it shows a recording")
	}
}

func TestRun_ServesMetricsOnASeparatePort(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	p := start(t, "SOURCE=none", "METRICS_ADDR="+addr)
	defer p.end()
	metrics := *p
	metrics.url = "http://" + addr
	if !strings.Contains(metrics.get("/metrics"), "nagare_connections 0") {
		t.Error("no metrics")
	}
}

func TestRun_LogsRequestsUnlessThatIsSwitchedOff(t *testing.T) {
	for setting, want := range map[string]bool{"on": true, "off": false} {
		p := start(t, "SOURCE=none", "LOG_REQUESTS="+setting)
		p.get("/")
		p.get("/")
		p.end()
		text := p.console.String()
		if strings.Contains(text, "msg\":\"request\"") != want || strings.Contains(text, "requests repeated") != want {
			t.Errorf("LOG_REQUESTS=%s: the log is\n%s", setting, text)
		}
	}
}

func TestRun_PlaysARecordingAtAFixedRateInALoop(t *testing.T) {
	p := startCommand(t, []string{"replay", "testdata/post.ndjson", "--rate=max", "--loop"})
	defer p.end()
	ws := p.subscribe()
	defer ws.Close()
	for range 2 { // the second event comes from the second round of the loop
		p.next(ws, "create")
	}
}
