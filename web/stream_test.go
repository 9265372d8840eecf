package web

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

// The streams are the hub's; here they must get through what stands in front.
func TestStreams_CarryThePostsWithOurHeaders(t *testing.T) {
	f := newFixture(t)
	f.emit(creates(1, 2)...)
	server := f.serveReal()
	for path, begins := range map[string]string{
		"/streaming/events?last=1": "retry: ",
		"/streaming.ndjson?last=1": `{"event":"stream.subscribed"`,
	} {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get(requestID) == "" {
			t.Errorf("%s: %s %v", path, res.Status, res.Header)
		}
		lines := bufio.NewScanner(res.Body)
		if lines.Scan(); !strings.HasPrefix(lines.Text(), begins) {
			t.Errorf("%s begins with %q, want %q", path, lines.Text(), begins)
		}
		for lines.Scan() && !strings.Contains(lines.Text(), `"id":"replay:2"`) {
		}
		if err := lines.Err(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
