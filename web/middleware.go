package web

import (
	"bufio"
	"crypto/rand"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const requestID = "X-Request-ID"

// goodID matches the request ids that routers send. An id with other characters is replaced,
// because it could be an attack on the reader of the log.
var goodID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)

// identified sets the request id of every response, which is also in the log. If a router in front
// has sent an id, identified uses it, and otherwise a new one.
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

// routeWait is how long a client may take to receive a response. The limit doesn't apply to
// WebSockets, because Hijack clears all deadlines.
const routeWait = 30 * time.Second

// limited sets the deadline for the response.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// An error means that the response has no deadlines, as with the recorder of a test.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(routeWait))
		next.ServeHTTP(w, r)
	})
}

// framed closes the connection after a request with a chunked body. If such a request also has a
// Content-Length, a proxy can see another end of the request, and RFC 9112, section 6.1, requires
// closing the connection. It is closed after every chunked body, because net/http hides that
// Content-Length. framed also answers OPTIONS *, which is about the whole server and which
// [http.ServeMux] refuses.
func framed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		if r.Method == http.MethodOptions && r.RequestURI == "*" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// recorder records the status and the size of a response, for the log.
type recorder struct {
	http.ResponseWriter
	request *http.Request
	status  int // 0 until the response begins
	bytes   int
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

// Hijack hands over the connection of a WebSocket or a stream, and derives the status that the hub
// will answer with: 400 if the client has already sent data after the request, 101 for a WebSocket, and
// 200 for a stream.
func (a *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	switch {
	case err != nil:
	case rw.Reader.Buffered() > 0:
		a.status = http.StatusBadRequest
	case strings.EqualFold(a.request.Header.Get("Upgrade"), "websocket"):
		a.status = http.StatusSwitchingProtocols
	default:
		a.status = http.StatusOK
	}
	return conn, rw, err
}
