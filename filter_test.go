package main

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestFilter_EachTransportFollowsWithAQuery(t *testing.T) {
	if testing.Short() {
		t.Skip("waits in real time")
	}
	p := startCommand(t, []string{}, "SOURCE=none", "INGEST_TOKEN="+secret)
	defer p.end()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	ask := `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","filter":"FERRY -ticket"}}]`
	if err := ws.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		t.Fatal(err)
	}
	if got := p.next(ws, "websocket_rails.subscribe")["filter"]; got != "-ticket ferry" {
		t.Errorf("the filter is %q, want its canonical form", got)
	}
	for _, text := range []string{"by train", "a ferry ticket", "by ferry"} {
		p.post(text)
	}
	if got := p.next(ws, "create")["text"]; got != "by ferry" {
		t.Errorf("the WebSocket brought %q", got)
	}
	for _, path := range []string{"/streaming.ndjson", "/streaming/events"} {
		_, body := p.open(path + "?last=3&q=" + url.QueryEscape("ferry -ticket"))
		for lines := bufio.NewScanner(body); lines.Scan() && !strings.Contains(lines.Text(), `"by ferry"`); {
			if strings.Contains(lines.Text(), `"text"`) {
				t.Errorf("%s brought %s", path, lines.Text())
			}
		}
		status, body := p.open(path + "?q=" + url.QueryEscape(`"ferry`))
		why, _ := io.ReadAll(body)
		if want := "the quotation mark has no end\n"; status != http.StatusBadRequest || !strings.HasSuffix(string(why), want) {
			t.Errorf("%s: %d %s, want 400 and %s", path, status, why, want)
		}
	}
}

// open requests a path, and returns the body, which is closed at the end of the test.
func (p *process) open(path string) (status int, body io.Reader) {
	p.t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { response.Body.Close() })
	return response.StatusCode, response.Body
}
