package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// console collects the output of the program. A test can wait for the first line.
type console struct {
	first chan string // receives the first line
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

// process is the program, run as goroutines of the test.
type process struct {
	t       *testing.T
	url     string
	console *console
	stop    context.CancelFunc
	ended   chan error
}

// start runs the program on a free port of the loopback interface. The environment is NAME=value
// pairs.
func start(t *testing.T, environ ...string) *process {
	t.Helper()
	return startCommand(t, nil, environ...)
}

func startCommand(t *testing.T, args []string, environ ...string) *process {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &process{t: t, console: newConsole(), stop: stop, ended: make(chan error, 1)}
	environ = append([]string{"HOST=127.0.0.1", "PORT=0"}, environ...)
	go func() { p.ended <- run(ctx, args, environ, p.console, io.Discard) }()
	select {
	case p.url = <-p.console.first:
	case err := <-p.ended:
		t.Fatalf("ended at once: %v", err)
	}
	return p
}

// end stops the program and waits until it has ended.
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

// subscribe opens a WebSocket and subscribes to the posts from the newest one on.
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

// next waits for an event of that name and returns the event's data.
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

// post publishes a post over HTTP and returns its id.
func (p *process) post(text string) (id string) {
	p.t.Helper()
	var done struct{ ID string }
	body := fmt.Sprintf(`{"tweet":{"text":%q,"screen_name":"mio"}}`, text)
	if err := json.Unmarshal(p.authorized(http.MethodPost, "/streaming", body, http.StatusCreated), &done); err != nil {
		p.t.Fatal(err)
	}
	return done.ID
}

// authorized makes a request with the ingest token, expects the status, and returns the body of
// the response.
func (p *process) authorized(method, path, body string, status int) []byte {
	p.t.Helper()
	request, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		p.t.Fatalf("%s %s: %s %s, %v", method, path, response.Status, text, err)
	}
	return text
}
