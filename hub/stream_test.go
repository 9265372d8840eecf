package hub_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"nagare/hub"
)

// streams serves a hub until the test ends or calls stop. The hub has one channel with five
// events, which both forms of streams serve.
func streams(t *testing.T, o hub.Options) (url string, ch *hub.Channel, stop func()) {
	t.Helper()
	h := hub.New(o)
	ch = h.Channel("streaming")
	for i := range 5 {
		if _, err := ch.Trigger(t.Context(), "create", i+1); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	mux := http.NewServeMux()
	mux.HandleFunc("/events", ch.ServeEvents)
	mux.HandleFunc("/lines", ch.ServeLines)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, ch, cancel
}

// open requests a stream. The returned function reads so many lines, and removes the epoch and
// the retry time, which differ each time.
func open(t *testing.T, url string, header ...string) (*http.Response, func(lines int) string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	r := bufio.NewReader(res.Body)
	return res, func(lines int) string {
		t.Helper()
		var text strings.Builder
		for range lines {
			line, err := r.ReadString('\n')
			text.WriteString(line)
			if err == io.EOF {
				text.WriteString("EOF")
				break
			} else if err != nil {
				t.Fatalf("after %q: %v", text.String(), err)
			}
		}
		return varying.ReplaceAllString(text.String(), "$1*")
	}
}

var varying = regexp.MustCompile(`(retry: |id: |"epoch":"|"retry_ms":)[0-9a-z]+`)

func TestServeEvents_SendsItsPositionAndThenLiveEvents(t *testing.T) {
	url, ch, stop := streams(t, hub.Options{})
	res, read := open(t, url+"/events?last=2")
	if got := res.Header.Get("Content-Type"); got != "text/event-stream; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	want := "retry: *\n\nid: *:3\nevent: stream.subscribed\n" +
		`data: {"channel":"streaming","epoch":"*","offset":3,"head":5}` + "\n\n" +
		"id: *:4\nevent: create\ndata: 4\n\nid: *:5\nevent: create\ndata: 5\n\n"
	if got := read(14); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	ch.Trigger(t.Context(), "destroy", map[string]string{"id": "</script>"})
	want = "id: *:6\nevent: destroy\n" + `data: {"id":"\u003c/script\u003e"}` + "\n\n"
	if got := read(4); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	stop()
	want = "event: stream.draining\n" + `data: {"retry_ms":*}` + "\n\nEOF"
	if got := read(4); got != want {
		t.Errorf("at the end got\n%s\nwant\n%s", got, want)
	}
}

func TestServeLines_SendsEachEventAsALineOfJSON(t *testing.T) {
	url, _, _ := streams(t, hub.Options{})
	_, read := open(t, url+"/lines?last=1")
	want := `{"event":"stream.subscribed","data":{"channel":"streaming","epoch":"*","offset":4,"head":5}}` + "\n" +
		`{"event":"create","channel":"streaming","data":5,"offset":5,"epoch":"*"}` + "\n"
	if got := read(2); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestServeLines_ALongPollEndsWithTheFirstEvents(t *testing.T) {
	url, ch, _ := streams(t, hub.Options{})
	_, read := open(t, url+"/lines?wait=60")
	read(1)
	ch.Trigger(t.Context(), "create", 6)
	want := `{"event":"create","channel":"streaming","data":6,"offset":6,"epoch":"*"}` + "\nEOF"
	if got := read(9); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, read = open(t, url+"/lines?wait=60&last=3")
	if got := strings.Count(read(9), `"create"`); got != 3 {
		t.Errorf("%d events were waiting, want all 3 in the one answer", got)
	}
}

func TestServeEvents_ContinuesWhereTheClientLeftOff(t *testing.T) {
	url, ch, _ := streams(t, hub.Options{})
	epoch := ch.Tip().Epoch
	for _, test := range []struct{ name, query, id, want string }{
		{"since", "?since=" + epoch + ":4", "", `"offset":4,"head":5,"recovered":true}`},
		{"the header wins", "?since=" + epoch + ":1", epoch + ":3", `"offset":3,"head":5,"recovered":true}`},
		{"another epoch", "?since=old:3", "", `"offset":5,"head":5,"recovered":false,"reason":"epoch"}`},
		{"no position at all", "", "bogus", `"offset":5,"head":5,"recovered":false,"reason":"epoch"}`},
		{"ahead", "?since=" + epoch + ":6", "", `"offset":5,"head":5,"recovered":false,"reason":"ahead"}`},
		{"not whole, then the newest", "?since=old:3&last=2", "", `"offset":3,"head":5,"recovered":false,"reason":"epoch"}`},
		{"named channel", "?channel=streaming", "", `"offset":5,"head":5}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, read := open(t, url+"/events"+test.query, "Last-Event-ID", test.id)
			if got := read(5); !strings.HasSuffix(strings.TrimSpace(got), test.want) {
				t.Errorf("got %s, want it to end in %s", got, test.want)
			}
		})
	}
}

func TestServeEvents_SaysWhyARequestIsRefused(t *testing.T) {
	url, _, _ := streams(t, hub.Options{})
	for _, test := range []struct {
		query, origin string
		status        int
	}{
		{"?channel=other", "", http.StatusNotFound},
		{"?last=101", "", http.StatusBadRequest},
		{"?last=-1", "", http.StatusBadRequest},
		{"?wait=0", "", http.StatusBadRequest},
		{"?wait=61", "", http.StatusBadRequest},
		{"", "https://elsewhere.example", http.StatusForbidden},
	} {
		header := []string{}
		if test.origin != "" {
			header = []string{"Origin", test.origin}
		}
		res, _ := open(t, url+"/events"+test.query, header...)
		if res.StatusCode != test.status {
			t.Errorf("%s from %q: %d, want %d", test.query, test.origin, res.StatusCode, test.status)
		}
	}
}

// HEAD must be refused: streams are hijacked from the HTTP server, which would otherwise omit
// the body of the answer.
func TestServeEvents_IsForGETOnly(t *testing.T) {
	h := hub.New(hub.Options{})
	for _, method := range []string{http.MethodHead, http.MethodPost} {
		w := httptest.NewRecorder()
		h.Channel("streaming").ServeEvents(w, httptest.NewRequest(method, "/events", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodGet {
			t.Errorf("%s: %d, Allow %q, want 405 and GET", method, w.Code, w.Header().Get("Allow"))
		}
	}
}
