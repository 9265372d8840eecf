package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logText collects a log. Several goroutines can write to it.
type logText struct {
	mu   sync.Mutex
	text []byte
}

func (l *logText) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, line...)
	return len(line), nil
}

// take returns the text collected since the last call.
func (l *logText) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() { l.text = nil }()
	return string(l.text)
}

// requestLogged returns a RequestLog, a handler with that log whose status is the number in the
// path, and the text of the log.
func requestLogged(level slog.Level) (*RequestLog, http.Handler, *logText) {
	out := &logText{}
	log := NewRequestLog(slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level})))
	return log, log.logged(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.WriteHeader(max(status, 200))
	})), out
}

func request(h http.Handler, client, path string) {
	r := httptest.NewRequest("GET", path, nil)
	r.RemoteAddr = net.JoinHostPort(client, "1")
	h.ServeHTTP(httptest.NewRecorder(), r)
}

// The test counts the bytes in the log after one address has made 10,000 requests with different
// paths, all of which were refused.
func TestRequestLog_AFloodOfRefusedRequestsCannotFillTheDisk(t *testing.T) {
	log, h, out := requestLogged(slog.LevelInfo)
	for n := range 10_000 {
		request(h, "192.0.2.1", fmt.Sprintf("/404/%d", n))
	}
	log.report()
	got := out.take()
	if len(got) > 500 || strings.Count(got, "\n") != 2 || !strings.Contains(got, "count=9999") {
		t.Errorf("10,000 refused requests make %d bytes of log:\n%.1000s", len(got), got)
	}
}

func TestRequestLog_ReportsRepeatsOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, h, out := requestLogged(slog.LevelInfo)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- log.Run(ctx) }()
		expect := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			lines := strings.Split(strings.TrimSuffix(out.take(), "\n"), "\n")
			if len(lines) != len(want) {
				t.Fatalf("%s: got %q, want lines with %q", when, lines, want)
			}
			for i, part := range want {
				if !strings.Contains(lines[i], part) {
					t.Errorf("%s: line %d is %q, want %q in it", when, i, lines[i], part)
				}
			}
		}
		for _, path := range []string{"/", "/", "/", "/200/a", "/403/a", "/403/b", "/404"} {
			request(h, "192.0.2.1", path)
		}
		request(h, "192.0.2.2", "/")
		expect("at once", "path=/ ", "path=/200/a", "status=403", "status=404", "path=/ ")

		time.Sleep(repeatsEvery)
		synctest.Wait()
		if got := out.take(); strings.Count(got, "\n") != 2 ||
			!strings.Contains(got, `msg="requests repeated" client=192.0.2.1 method=GET path=/ status=200 count=2`) ||
			!strings.Contains(got, `msg="requests refused" client=192.0.2.1 status=403 count=1`) {
			t.Errorf("after a minute: got %s", got)
		}

		request(h, "192.0.2.1", "/")
		expect("in the next minute", "path=/ ")
		request(h, "192.0.2.1", "/")
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		expect("at the end", "count=1")
	})
}

func TestRequestLog_CountsALimitedNumberOfClients(t *testing.T) {
	log, h, out := requestLogged(slog.LevelInfo)
	for n := range mostKinds + 1000 {
		request(h, fmt.Sprintf("10.0.%d.%d", n/256, n%256), "/404")
	}
	request(h, "10.0.0.0", "/404")
	if got := len(log.counts); got != mostKinds+1 {
		t.Errorf("holds %d kinds of requests, want %d", got, mostKinds+1)
	}
	out.take()
	log.report()
	if got := out.take(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "client=10.0.0.0 ") || !strings.Contains(got, "client=others status=404 count=999") {
		t.Errorf("got %s", got)
	}
}

func TestRequestLog_CountsAnIPv6PrefixAsOneClient(t *testing.T) {
	log, h, out := requestLogged(slog.LevelInfo)
	for n := range 100 {
		request(h, fmt.Sprintf("2001:db8::%x", n), "/404")
	}
	log.report()
	if got := out.take(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "client=2001:db8::/64 status=404 count=99") {
		t.Errorf("got %s", got)
	}
}

func TestRequestLog_LogsProbesAtLevelDebug(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelDebug: 3, slog.LevelInfo: 0} {
		log, h, out := requestLogged(level)
		for range 3 {
			request(h, "192.0.2.1", "/healthz")
		}
		log.report()
		if got := strings.Count(out.take(), "\n"); got != want {
			t.Errorf("at %s: %d lines, want %d", level, got, want)
		}
	}
}

func TestRequestLog_NilLogsNothing(t *testing.T) {
	handler := (*RequestLog)(nil).logged(http.NotFoundHandler())
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 {
		t.Errorf("got %d", w.Code)
	}
}
