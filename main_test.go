package main

import (
	"bytes"
	"context"
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
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

// console is a stdout that a test can wait for.
type console struct {
	first chan string // the first line
	mu    sync.Mutex
	text  bytes.Buffer
}

func newConsole() *console { return &console{first: make(chan string, 1)} }

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := c.text.Len() == 0
	c.text.Write(p)
	if fresh {
		c.first <- strings.TrimSpace(string(p))
	}
	return len(p), nil
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// process is the program, running inside the test.
type process struct {
	t       *testing.T
	url     string
	console *console
	stop    context.CancelFunc
	ended   chan error
}

// start runs the program on a free port of the loopback until the test ends, or
// stop is called and its end awaited.
func start(t *testing.T, environ ...string) *process {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &process{t: t, console: newConsole(), stop: stop, ended: make(chan error, 1)}
	environ = append([]string{"HOST=127.0.0.1", "PORT=0"}, environ...)
	go func() { p.ended <- run(ctx, nil, environ, p.console, io.Discard) }()
	select {
	case p.url = <-p.console.first:
	case err := <-p.ended:
		t.Fatalf("ended at once: %v", err)
	}
	return p
}

// end stops the program and waits for it.
func (p *process) end() {
	p.t.Helper()
	p.stop()
	if err := <-p.ended; err != nil {
		p.t.Errorf("ended with %v", err)
	}
}

func (p *process) get(path string) string {
	p.t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %s, %v", path, response.Status, err)
	}
	return string(body)
}

// subscribe opens a socket that follows the posts, from the newest on.
func (p *process) subscribe() *websocket.Conn {
	p.t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/websocket", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	ask := `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","last":1}}]`
	if err := ws.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		p.t.Fatal(err)
	}
	return ws
}

// next waits for an event of that name and returns its data.
func (p *process) next(ws *websocket.Conn, name string) map[string]any {
	p.t.Helper()
	ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			p.t.Fatalf("waiting for %s: %v\n%s", name, err, p.console)
		}
		var events [1][2]json.RawMessage
		var got string
		var attrs struct{ Data map[string]any }
		if err := errors.Join(json.Unmarshal(text, &events), json.Unmarshal(events[0][0], &got)); err != nil {
			p.t.Fatalf("%v in %s", err, text)
		}
		if got != name {
			continue
		}
		if err := json.Unmarshal(events[0][1], &attrs); err != nil {
			p.t.Fatalf("%v in %s", err, text)
		}
		return attrs.Data
	}
}

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

func (p *process) post(text string) {
	p.t.Helper()
	body := fmt.Sprintf(`{"tweet":{"text":%q,"screen_name":"mio"}}`, text)
	request, err := http.NewRequest(http.MethodPost, p.url+"/streaming", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		p.t.Fatalf("POST /streaming: %s", response.Status)
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
