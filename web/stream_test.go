package web

import (
	"bufio"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

// The hub serves the streams. This test is about the middleware in front of the hub.
func TestStreams_HaveTheHeadersOfTheMiddleware(t *testing.T) {
	lines := make(logLines, 16)
	f := newFixture(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(lines, nil)) })
	f.emit(creates(1, 2)...)
	server := f.serveReal()
	for path, begins := range map[string]string{
		"/streaming/events?last=1": "retry: ",
		"/streaming.ndjson?last=1": `{"event":"stream.subscribed"`,

		"/log/streaming?offset=-1&live=sse": "event: data",
	} {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get(requestID) == "" {
			t.Errorf("%s: %s %v", path, res.Status, res.Header)
		}
		if line := <-lines; !strings.Contains(line, "status=200") {
			t.Errorf("%s is logged as %s", path, line)
		}
		body := bufio.NewScanner(res.Body)
		if body.Scan(); !strings.HasPrefix(body.Text(), begins) {
			t.Errorf("%s begins with %q, want %q", path, body.Text(), begins)
		}
		for body.Scan() && !strings.Contains(body.Text(), `"id":"replay:2"`) {
		}
		if err := body.Err(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// logLines is a log writer from which a test can receive line by line.
type logLines chan string

func (l logLines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}
