package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

// Sockets and streams alike are for pages of the public address, and for what is no page.
func TestRun_LetsInWhatComesFromItsPublicURL(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0") // as the address that is printed is the public one
	if err != nil {
		t.Fatal(err)
	}
	here := free.Addr().String()
	free.Close()
	_, port, _ := strings.Cut(here, ":")
	p := start(t, "SOURCE=none", "PUBLIC_URL=https://nagare.example", "PORT="+port)
	defer p.end()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for origin, want := range map[string]int{
		"https://nagare.example": 101, "": 101,
		"http://nagare.example": 403, "http://" + here: 403, "https://evil.example": 403,
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

func TestRun_PlaysAFile(t *testing.T) {
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

func TestRun_ABrokenFileEndsItWithOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.ndjson")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"replay", file}, []string{"HOST=127.0.0.1", "PORT=0"}, io.Discard, io.Discard)
	if err == nil || exitCode(err) != 1 || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestRun_ServesMetricsOnAListenerOfItsOwn(t *testing.T) {
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

func TestListen_APortThatWasAskedForIsTheOnlyOne(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port

	_, err = listen(config{host: "127.0.0.1", port: port, portAsked: true})
	want := fmt.Sprintf("port %d is taken, choose another with --port or PORT", port)
	if err == nil || err.Error() != want || exitCode(err) != 1 {
		t.Errorf("got %v with exit code %d, want %s with 1", err, exitCode(err), want)
	}
	next, err := listen(config{host: "127.0.0.1", port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if got := next.Addr().(*net.TCPAddr).Port; got <= port || got > port+nextPorts {
		t.Errorf("got port %d, want one after %d", got, port)
	}
}

func TestListen_OnlyAPortThatWasAskedForIsOpenToTheNetwork(t *testing.T) {
	for _, c := range []struct {
		config   config
		loopback bool
	}{
		{config{port: 0}, true},
		{config{port: 0, portAsked: true}, false},
		{config{port: 0, portAsked: true, host: "127.0.0.1"}, true},
	} {
		listener, err := listen(c.config)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if got := listener.Addr().(*net.TCPAddr).IP.IsLoopback(); got != c.loopback {
			t.Errorf("%+v listens on %s", c.config, listener.Addr())
		}
		if home := address(c.config, listener); !strings.HasPrefix(home, "http://127.0.0.1:") {
			t.Errorf("%+v is said to be at %s", c.config, home)
		}
	}
}

func TestHealthcheck_TellsByItsExitCode(t *testing.T) {
	p := start(t, "SOURCE=none")
	_, port, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), ":")
	check := func() error {
		return run(t.Context(), []string{"healthcheck"}, []string{"PORT=" + port}, io.Discard, io.Discard)
	}
	if err := check(); exitCode(err) != 0 {
		t.Errorf("while it runs: %v", err)
	}
	p.end()
	if err := check(); exitCode(err) != 1 {
		t.Errorf("after its end: %v", err)
	}
}

// An unspecified address is one to listen on, not one to connect to.
func TestHealthcheck_AsksTheHostThatIsGivenOrElseTheLoopback(t *testing.T) {
	for given, want := range map[string]string{
		"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "127.0.0.1", "127.0.0.2": "127.0.0.2", "localhost": "localhost",
	} {
		listener, err := net.Listen("tcp", want+":0")
		if err != nil {
			t.Fatal(err)
		}
		port, asked := listener.Addr().(*net.TCPAddr).Port, ""
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Host
			io.WriteString(w, `{"name":"nagare","status":"ok"}`)
		})}
		var serving sync.WaitGroup
		serving.Go(func() { server.Serve(listener) })
		err = healthcheck(t.Context(), config{host: given, port: port})
		server.Close()
		serving.Wait()
		if want := fmt.Sprintf("%s:%d", want, port); err != nil || asked != want {
			t.Errorf("HOST=%s: asked %q, %v, want %s", given, asked, err, want)
		}
	}
}

func TestHealthcheck_SomebodyElsesAnswerIsNone(t *testing.T) {
	for _, body := range []string{"ok", "", `{"status":"ok"}`, `{"name":"nagare","status":"no"}`} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
		port := other.Listener.Addr().(*net.TCPAddr).Port
		err := healthcheck(t.Context(), config{port: port})
		if err == nil || !strings.Contains(err.Error(), "not a nagare's") {
			t.Errorf("%q: got %v", body, err)
		}
		other.Close()
	}
}

func TestVersion_IsALineOrJSON(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"version"}, nil, &out, io.Discard); err != nil || !strings.HasPrefix(out.String(), "nagare ") {
		t.Errorf("got %q, %v", out.String(), err)
	}
	out.Reset()
	var fields map[string]string
	err := errors.Join(run(t.Context(), []string{"version", "--json"}, nil, &out, io.Discard), json.Unmarshal(out.Bytes(), &fields))
	if err != nil || fields["version"] == "" || fields["go"] == "" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
