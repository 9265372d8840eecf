package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// RequestLog writes a line for each request. Of requests that are alike it writes the
// first at once, and the others as one line with their count at the end of the minute,
// so that no client can fill the disk. Alike are, from one address, refusals with the
// same status whatever their paths, and other requests of the same path with the same
// status. It must run, by [RequestLog.Run].
type RequestLog struct {
	log *slog.Logger

	mu     sync.Mutex
	counts map[likeness]int64 // requests in this minute; guarded by mu
}

// likeness is what requests that are alike have in common.
type likeness struct {
	client       string // or others
	method, path string // empty for a refusal
	status       int
}

const (
	// repeatsEvery is how often repeated requests are reported.
	repeatsEvery = time.Minute

	// mostLikenesses bounds the memory of an attack from many addresses. Beyond it,
	// requests are counted together, as those of others.
	mostLikenesses = 4096
	others         = "others"
)

// NewRequestLog writes to log.
func NewRequestLog(log *slog.Logger) *RequestLog {
	return &RequestLog{log: log, counts: map[likeness]int64{}}
}

// Run reports the repeated requests once a minute until ctx ends, and then once more.
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

// report writes a line for all requests that were repeated, and begins a new minute.
func (l *RequestLog) report() {
	l.mu.Lock()
	counts := l.counts
	l.counts = map[likeness]int64{}
	l.mu.Unlock()
	for like, n := range counts {
		switch {
		case n == 1:
		case like.path == "":
			l.log.Info("requests refused", "client", like.client, "status", like.status, "count", n-1)
		default:
			l.log.Info("requests repeated", "client", like.client, "method", like.method, "path", like.path,
				"status", like.status, "count", n-1)
		}
	}
}

// first counts the request, and reports whether it is the first of its kind.
func (l *RequestLog) first(r *http.Request, status int) bool {
	like := likeness{client(r), short(r.Method), short(r.URL.Path), status}
	if status >= 400 {
		like.method, like.path = "", ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.counts) >= mostLikenesses && l.counts[like] == 0 {
		like = likeness{client: others, status: status}
	}
	l.counts[like]++
	return l.counts[like] == 1
}

// client is the address of the client, or the /64 that IPv6 gives to a subscriber.
func client(r *http.Request) string {
	from := network(peerOf(r))
	if from.IsSingleIP() {
		return from.Addr().String()
	}
	return from.String()
}

// logged logs the requests to next, each at its end; that of a WebSocket or a stream
// when it begins. The query is not logged, as it may be private. The probes of a
// platform are logged at level debug.
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
		if !l.log.Enabled(r.Context(), level) || level == slog.LevelInfo && !l.first(r, answer.status) {
			return
		}
		l.log.Log(r.Context(), level, "request", "method", short(r.Method), "path", short(r.URL.Path),
			"status", answer.status, "bytes", answer.bytes, "ms", time.Since(start).Milliseconds(),
			"request_id", w.Header().Get(requestID))
	})
}

// short keeps a value from a request from filling the log.
func short(s string) string { return cutText(s, 256) }
