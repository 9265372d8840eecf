package web

import (
	"bufio"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"time"
)

const requestID = "X-Request-ID"

// goodID is what routers send as a request id; anything else could be meant for
// whoever reads the log.
var goodID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)

// identified gives every response the id by which it is found in the log: the one
// that a router in front has given the request, or a new one.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestID)
		if !goodID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set(requestID, id)
		next.ServeHTTP(w, r)
	})
}

// logged writes a line for each request, at its end; that of a WebSocket or a stream
// is written when it begins. Only the path is told: a query may hold what is nobody's
// business. What a machine asks again and again is told at level debug.
func logged(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), &recorder{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		level := slog.LevelInfo
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			level = slog.LevelDebug
		}
		log.Log(r.Context(), level, "request", "method", short(r.Method), "path", short(r.URL.Path),
			"status", answer.status, "bytes", answer.bytes, "ms", time.Since(start).Milliseconds(),
			"request_id", w.Header().Get(requestID))
	})
}

// short keeps a foreign value from filling the log.
func short(s string) string { return cutText(s, 256) }

// routeWait is how long a client may take to accept a response. A connection that
// becomes a WebSocket sheds it: Hijack clears all deadlines.
const routeWait = 30 * time.Second

// limited sets the time in which a response must be written.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The error says that w can't: a test's recorder, which needs no limit.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(routeWait))
		next.ServeHTTP(w, r)
	})
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer begins
	bytes  int
}

// Unwrap lets http.ResponseController reach the connection.
func (a *recorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *recorder) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += n
	return n, err
}

// Hijack is how a request becomes a WebSocket, or a stream, which says of what.
func (a *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.status = http.StatusSwitchingProtocols
	if a.Header().Get("Content-Type") != "" {
		a.status = http.StatusOK
	}
	return http.NewResponseController(a.ResponseWriter).Hijack()
}
