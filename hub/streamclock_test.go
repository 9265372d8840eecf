package hub_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// streamBubble runs a test in virtual time, with streams over pipes.
func streamBubble(t *testing.T, o hub.Options, test func(*testing.T, *streamWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &streamWorld{world: overPipe(t, o), pipes: newPipes()}
		mux := http.NewServeMux()
		mux.HandleFunc("/events", w.Channel("streaming").ServeEvents)
		mux.HandleFunc("/lines", w.Channel("streaming").ServeLines)
		server := &http.Server{Handler: mux}
		go server.Serve(w.pipes)
		t.Cleanup(func() { server.Close() })
		test(t, w)
	})
}

type streamWorld struct {
	*world
	pipes *pipes
}

// stream is a response without an end.
type stream struct {
	t      *testing.T
	status int
	conn   net.Conn
	body   *bufio.Reader
}

// ask requests a stream. EPOCH in the address stands for the log's epoch.
func (w *streamWorld) ask(t *testing.T, address string) *stream {
	t.Helper()
	return w.askAs(t, address, "")
}

// askAs is ask with a cookie.
func (w *streamWorld) askAs(t *testing.T, address, cookie string) *stream {
	t.Helper()
	here, there := net.Pipe()
	w.pipes.accept <- there
	t.Cleanup(func() { here.Close() })
	address = strings.ReplaceAll(address, "EPOCH", w.Channel("streaming").Tip().Epoch)
	go fmt.Fprintf(here, "GET %s HTTP/1.1\r\nHost: example.org\r\nCookie: %s\r\n\r\n", address, cookie)
	res, err := http.ReadResponse(bufio.NewReader(here), nil)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return &stream{t, res.StatusCode, here, bufio.NewReader(res.Body)}
}

// open requests a stream and reads the first event, which has the position.
func (w *streamWorld) open(t *testing.T, address string) *stream {
	t.Helper()
	s := w.ask(t, address)
	for line := ""; !strings.Contains(line, `"offset"`); {
		line = s.line()
	}
	if strings.HasPrefix(address, "/events") {
		s.line() // the empty one after it
	}
	return s
}

// line reads a line, for which it waits up to a minute.
func (s *stream) line() string {
	s.t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(time.Minute))
	line, err := s.body.ReadString('\n')
	if err != nil {
		s.t.Fatalf("after %q: %v", line, err)
	}
	return line
}

// lasts reads to the end of the stream and returns how long that took.
func (s *stream) lasts() time.Duration {
	begun := time.Now()
	s.conn.SetReadDeadline(begun.Add(time.Hour))
	io.Copy(io.Discard, s.body)
	return time.Since(begun)
}

func TestServeEvents_SendsAHeartbeatEveryFifteenSeconds(t *testing.T) {
	for address, want := range map[string]string{"/events": ":\n\n", "/lines": "\n"} {
		streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
			s := w.open(t, address)
			for range 10 {
				begun := time.Now()
				got := ""
				for range strings.Count(want, "\n") {
					got += s.line()
				}
				if got != want {
					t.Fatalf("%s: got %q, want %q", address, got, want)
				}
				if took := time.Since(begun); took < 15*time.Second || took > 16*time.Second {
					t.Errorf("%s: silent for %v, want 15 s and at most one more", address, took)
				}
			}
		})
	}
}

func TestServeEvents_EndsAfterHalfAnHourWithJitter(t *testing.T) {
	streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
		took := make([]time.Duration, 40)
		var all sync.WaitGroup
		for i := range took {
			s := w.open(t, []string{"/events", "/lines"}[i%2])
			all.Go(func() { took[i] = s.lasts() })
		}
		all.Wait()
		different := map[time.Duration]bool{}
		for _, d := range took {
			different[d] = true
			if d < 25*time.Minute || d > 35*time.Minute+2*time.Second {
				t.Errorf("a stream ends after %v, want 30 ± 5 min", d)
			}
		}
		if len(different) < 20 {
			t.Errorf("40 streams end at %d different times", len(different))
		}
	})
}

func TestServeLines_ALongPollWithoutEventsEndsAfterItsTime(t *testing.T) {
	for _, seconds := range []int{1, 14, 60} {
		streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
			s := w.open(t, fmt.Sprintf("/lines?wait=%d", seconds))
			want := time.Duration(seconds) * time.Second
			if took := s.lasts(); took < want || took > want+2*time.Second {
				t.Errorf("ends after %v, want %v", took, want)
			}
		})
	}
}

func TestServeLines_ALongPollBehindTheLogEndsAtOnce(t *testing.T) {
	streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
		w.publish(5)
		s := w.open(t, "/lines?wait=60&since=EPOCH:2")
		begun := time.Now()
		rest, _ := io.ReadAll(s.body)
		if got := strings.Count(string(rest), `"create"`); got != 3 || time.Since(begun) > 0 {
			t.Errorf("%d events after %v, want 3 at once", got, time.Since(begun))
		}
	})
}

// A stream gets a gap notice in its own form, as Server-Sent Event or as line of JSON.
func TestServeEvents_TellsASlowReaderOfItsGap(t *testing.T) {
	for address, want := range map[string]string{
		"/events": "id: *:80\nevent: stream.gap\n" + `data: {"from":2,"to":80,"reason":"slow"}` + "\n\nid: *:81\nevent: create\ndata: 81\n\n",
		"/lines": `{"event":"stream.gap","channel":"streaming","data":{"from":2,"to":80,"reason":"slow"},"offset":80,"epoch":"*"}` + "\n" +
			`{"event":"create","channel":"streaming","data":81,"offset":81,"epoch":"*"}` + "\n",
	} {
		streamBubble(t, hub.Options{Ring: 20}, func(t *testing.T, w *streamWorld) {
			s := w.open(t, address)
			w.publish(1)
			synctest.Wait() // the first is being written, and nobody reads
			w.publish(99)
			for line := ""; !strings.Contains(line, "1"); {
				line = s.line()
			}
			for !strings.HasPrefix(address, "/lines") && s.line() != "\n" {
			}
			got := ""
			for range strings.Count(want, "\n") {
				got += s.line()
			}
			if got = varying.ReplaceAllString(got, "$1*"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestServeEvents_AClientThatReadsNothingForTenSecondsIsDropped(t *testing.T) {
	streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
		s := w.open(t, "/events")
		w.publish(1)
		after(9900 * time.Millisecond)
		if got := w.Stats(); got.Slow != 0 || got.Connections != 1 {
			t.Errorf("after 9.9 s: %+v, want it open", got)
		}
		after(2 * time.Second)
		if got := w.Stats(); got.Slow != 1 || got.Connections != 0 {
			t.Errorf("after 11.9 s: %+v, want it dropped", got)
		}
		if rest, err := io.ReadAll(s.body); len(rest) > 0 {
			t.Errorf("got %q, %v", rest, err)
		}
	})
}

func TestServeEvents_AClientThatSendsBytesIsClosed(t *testing.T) {
	streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
		s := w.open(t, "/events")
		go s.conn.Write([]byte("G"))
		if took := s.lasts(); took > time.Second {
			t.Errorf("the stream goes on for %v", took)
		}
		synctest.Wait()
		if n := w.Stats().Connections; n != 0 {
			t.Errorf("%d connections are still counted", n)
		}
	})
}
