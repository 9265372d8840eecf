package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"nagare/stream"
)

// RequestLog logs requests. It logs the first request of a kind at once. Further requests of the
// kind are only counted and logged as one line a minute, so that no client can fill the disk.
// Requests of one kind have the same client, status, method and path; of refused requests, the
// method and path are ignored. [RequestLog.Run] must run as long as requests are logged.
type RequestLog struct {
	log *slog.Logger

	mu     sync.Mutex
	counts map[requestKind]int64 // number of requests since the last report, by kind
}

type requestKind struct {
	client       string // or others, the name for all clients beyond mostKinds
	method, path string // empty for a refused request
	status       int
}

const (
	// repeatsEvery is how often repeated requests are reported.
	repeatsEvery = time.Minute

	// mostKinds limits the memory during an attack from many addresses. Requests of further kinds
	// are counted together, with the client others.
	mostKinds = 4096
	others    = "others"
)

// NewRequestLog makes a RequestLog that writes to log.
func NewRequestLog(log *slog.Logger) *RequestLog {
	return &RequestLog{log: log, counts: map[requestKind]int64{}}
}

// Run logs the numbers of repeated requests every minute until ctx ends. Then it logs them a last
// time.
func (l *RequestLog) Run(ctx context.Context) error {
	minute := time.NewTicker(repeatsEvery)
	defer minute.Stop()
	for {
		select {
		case <-ctx.Done():
			l.report()
			return nil
		case <-minute.C:
			l.report()
		}
	}
}

// report logs the numbers of repeated requests and resets the counts.
func (l *RequestLog) report() {
	l.mu.Lock()
	counts := l.counts
	l.counts = map[requestKind]int64{}
	l.mu.Unlock()
	for kind, n := range counts {
		switch {
		case n == 1:
		case kind.path == "":
			l.log.Info("requests refused", "client", kind.client, "status", kind.status, "count", n-1)
		default:
			l.log.Info("requests repeated", "client", kind.client, "method", kind.method, "path", kind.path,
				"status", kind.status, "count", n-1)
		}
	}
}

// count counts the request, and reports whether it is the first of its kind.
func (l *RequestLog) count(r *http.Request, status int) bool {
	kind := requestKind{client(r), short(r.Method), short(r.URL.Path), status}
	if status >= 400 {
		kind.method, kind.path = "", ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.counts) >= mostKinds && l.counts[kind] == 0 {
		kind = requestKind{client: others, status: status}
	}
	l.counts[kind]++
	return l.counts[kind] == 1
}

// client returns the IPv4 address of the client, or the IPv6 /64 of the client, because a
// subscriber usually has a whole /64.
func client(r *http.Request) string {
	from := network(peerOf(r))
	if from.IsSingleIP() {
		return from.Addr().String()
	}
	return from.String()
}

// logged logs each request that next handles. It logs at the end of the response or, for a
// WebSocket or a stream, at the beginning. It omits the query, which can be private. It logs
// health checks at level debug.
func (l *RequestLog) logged(next http.Handler) http.Handler {
	if l == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), &recorder{ResponseWriter: w, request: r}
		next.ServeHTTP(answer, r)
		level := slog.LevelInfo
		if r.URL.Path == HealthPath || r.URL.Path == readyPath {
			level = slog.LevelDebug
		}
		if !l.log.Enabled(r.Context(), level) || level == slog.LevelInfo && !l.count(r, answer.status) {
			return
		}
		l.log.Log(r.Context(), level, "request", "method", short(r.Method), "path", short(r.URL.Path),
			"status", answer.status, "bytes", answer.bytes, "ms", time.Since(start).Milliseconds(),
			"request_id", w.Header().Get(requestID))
	})
}

// short shortens a value from a client, for the log.
func short(s string) string { return stream.CutText(s, 256) }
