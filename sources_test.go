package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

// gateway serves v1.1 of Twitter's API, with the same response to every request, and counts the
// requests.
func gateway(t *testing.T, status int, body string) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.WriteHeader(status)
		io.WriteString(w, body)
		http.NewResponseController(w).Flush()
		if status == http.StatusOK {
			<-r.Context().Done() // a stream stays open until the client disconnects
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

const postOfMio = `{"created_at":"Thu May 01 12:00:00 +0000 2026","id":7,"id_str":"7","text":"from the gateway","retweet_count":0,` +
	`"user":{"id":1,"id_str":"1","screen_name":"mio","name":"Mio"}}` + "\r\n"

// If the program ended, its supervisor would restart it, and it would call again a network that
// has refused the credentials.
func TestRun_TheSiteStaysUpIfASourceIsRefused(t *testing.T) {
	url, asked := gateway(t, http.StatusUnauthorized, `{"errors":[{"message":"bad keys"}]}`)
	p := start(t, "SOURCE=twitter", "TWITTER_URL="+url)
	p.until("its page says why", func() bool { return strings.Contains(p.get("/"), ">refuses the site’s credentials<") })
	if strings.Contains(p.get("/"), "bad keys") || !strings.Contains(p.console.String(), "bad keys") {
		t.Error("the server's words are for the log, and not for the page")
	}
	p.get("/readyz")
	if n := asked.Load(); n != 1 {
		t.Errorf("the gateway was asked %d times, want once", n)
	}
	p.end()
}

// until waits until the condition holds. The text in what describes the condition, for the error
// message.
func (p *process) until(what string, holds func() bool) {
	p.t.Helper()
	if !within(20*time.Second, holds) {
		p.t.Fatalf("waited in vain until %s\n%s", what, p.console)
	}
}

// within waits until the condition holds, and reports whether it does before the time is over.
func within(limit time.Duration, holds func() bool) bool {
	for end := time.Now().Add(limit); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

func TestRecord_WritesAFileThatReplayCanPlay(t *testing.T) {
	url, _ := gateway(t, http.StatusOK, postOfMio)
	file := filepath.Join(t.TempDir(), "posts.ndjson")
	recording := startCommand(t, []string{"record", file}, "SOURCE=twitter", "TWITTER_URL="+url)
	recording.until("the post is shown", func() bool { return strings.Contains(recording.get("/"), "from the gateway") })
	recording.end()

	playing := startCommand(t, []string{"replay", file})
	defer playing.end()
	ws := playing.subscribe()
	defer ws.Close()
	if got := playing.next(ws, "create")["text"]; got != "from the gateway" {
		t.Errorf("the replay brought %q", got)
	}
}

func TestRecord_IncludesPostsPublishedOverHTTP(t *testing.T) {
	file := filepath.Join(t.TempDir(), "posts.ndjson")
	recording := startCommand(t, []string{"record", file}, "SOURCE=none", "INGEST_TOKEN="+secret)
	recording.post("by hand")
	recording.end()

	playing := startCommand(t, []string{"replay", file})
	defer playing.end()
	ws := playing.subscribe()
	defer ws.Close()
	if got := playing.next(ws, "create")["text"]; got != "by hand" {
		t.Errorf("the replay brought %q", got)
	}
}

func TestRecord_ErasesAPostThatIsDeletedOverHTTP(t *testing.T) {
	file := filepath.Join(t.TempDir(), "posts.ndjson")
	recording := startCommand(t, []string{"record", file}, "SOURCE=none", "INGEST_TOKEN="+secret)
	ws := recording.subscribe()
	defer ws.Close()
	id := recording.post("words by hand")
	recording.authorized(http.MethodDelete, "/streaming/"+id, "", http.StatusOK)
	if got := recording.next(ws, "destroy"); got["id"] != id || got["reason"] != "author" {
		t.Errorf("the socket brought %v", got)
	}
	ws.Close()
	recording.end()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"id":"` + id + `","reason":"author"`; strings.Contains(string(text), "words by hand") || !strings.Contains(string(text), want) {
		t.Errorf("recorded %s", text)
	}
}

func TestRun_LogsWhichSettingSetsTheLimitThatRefusedAConnection(t *testing.T) {
	p := start(t, "SOURCE=none", "MAX_PER_CLIENT=1")
	defer p.end()
	ws := p.subscribe()
	defer ws.Close()
	response, err := http.Get(p.url + "/streaming/events")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Nagare-Limited") != "address" {
		t.Errorf("got %s, limited %q", response.Status, response.Header.Get("Nagare-Limited"))
	}
	p.until("the log names the setting", func() bool { return strings.Contains(p.console.String(), "--max-per-client, MAX_PER_CLIENT") })
}

func TestRecord_ReportsAFileThatCannotBeCreatedInOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nowhere", "posts.ndjson")
	err := run(t.Context(), []string{"record", file}, []string{"HOST=127.0.0.1", "PORT=0"}, io.Discard, io.Discard)
	if err == nil || exitCode(err) != 1 || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "posts.ndjson") {
		t.Errorf("got %v with exit code %d", err, exitCode(err))
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it wrote all the same")
	}
}

func TestCheck_PrintsTheResultOfEachSource(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  int
		sources string
		code    int
		want    []string
	}{
		{"ok", http.StatusOK, "twitter", 0, []string{"twitter: ok"}},
		{"refused", http.StatusUnauthorized, "twitter", 3, []string{"twitter: 401 Unauthorized"}},
		{"one of two refused", http.StatusForbidden, "demo,twitter", 1, []string{"replay demo: ok", "twitter: 403 Forbidden"}},
		{"out of order", http.StatusBadGateway, "twitter", 1, []string{"twitter: 502 Bad Gateway"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, asked := gateway(t, c.status, map[bool]string{true: `{"errors":[]}`}[c.status >= 400])
			var out bytes.Buffer
			err := run(t.Context(), []string{"check"}, []string{"SOURCE=" + c.sources, "TWITTER_URL=" + url}, &out, io.Discard)
			if got := exitCode(err); got != c.code {
				t.Errorf("exit code %d, want %d: %v", got, c.code, err)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in %q", want, out.String())
				}
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("the gateway was asked %d times, want once", n)
			}
		})
	}
}

// Pages and stores take two posts with the same id for one post.
func TestSources_ARestartedDemoHasNewIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := firstID(t)
		time.Sleep(time.Second)
		if again := firstID(t); again == first || !strings.HasPrefix(again, "replay:") {
			t.Errorf("the first post is %q, and %q after a restart", first, again)
		}
	})
}

// firstID starts the demo and returns the id of its first post.
func firstID(t *testing.T) (id string) {
	t.Helper()
	enough := errors.New("enough")
	demo := replayConfig{speed: 1, loop: true}.Build(stream.Runtime{Filter: stream.NewFilter(stream.Wanted{})})
	err := demo[0].Stream(context.Background(), func(op stream.Op) error {
		if op.Kind != stream.Create {
			return nil
		}
		id = op.ID
		return enough
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return id
}
