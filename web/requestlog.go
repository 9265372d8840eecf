package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// RequestLog logs requests. It logs the first request of a kind at once, and the number of
// further ones at the end of the minute, so that no client can fill the disk. Requests of one
// kind have the same client and status and, unless they are refused, the same method and path.
// [RequestLog.Run] must run meanwhile.
type RequestLog struct {
	log *slog.Logger

	mu     sync.Mutex
	counts map[requestKind]int64 // requests in this minute
}

type requestKind struct {
	client       string // or others
	method, path string // empty for a refusal
	status       int
}

const (
	// repeatsEvery is how often repeated requests are reported.
	repeatsEvery = time.Minute

	// mostKinds bounds the memory during an attack from many addresses. Beyond it, requests
	// are counted together, as those of others.
	mostKinds = 4096
	others    = "others"
)

// NewRequestLog makes a RequestLog that writes to log.
func NewRequestLog(log *slog.Logger) *RequestLog {
	return &RequestLog{log: log, counts: map[requestKind]int64{}}
}

// Run logs the numbers of repeated requests every minute until ctx ends, and then once more.
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

// client is the IPv4 address of the client, or its IPv6 /64, which belongs to one subscriber.
func client(r *http.Request) string {
	from := network(peerOf(r))
	if from.IsSingleIP() {
		return from.Addr().String()
	}
	return from.String()
}

// logged logs each request to next when its response ends or, for a WebSocket or a stream,
// begins. It doesn't log the query, which may be private. Health checks have the level debug.
func (l *RequestLog) logged(next http.Handler) http.Handler {
	if l == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), &recorder{ResponseWriter: w}
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

// short bounds a value from a client for the log.
func short(s string) string { return cutText(s, 256) }
