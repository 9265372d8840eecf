package web

import (
	"bufio"
	"crypto/rand"
	"net"
	"net/http"
	"regexp"
	"time"
)

const requestID = "X-Request-ID"

// goodID matches the request ids of routers. Any other text could be an attack on the
// reader of the log.
var goodID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)

// identified gives every response the id by which it is found in the log: the one
// that a router in front gave to the request, or a new one.
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

// routeWait is how long a client may take to accept a response. A connection that
// becomes a WebSocket has no such limit: Hijack clears all deadlines.
const routeWait = 30 * time.Second

// limited sets the time in which a response must be written.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A response without deadlines, as the recorder of a test, needs no limit.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(routeWait))
		next.ServeHTTP(w, r)
	})
}

// framed closes the connection after a request with a body in chunks. If such a request has
// a Content-Length too, a proxy may see its end elsewhere, and RFC 9112, section 6.1, wants
// the connection closed; but net/http hides that Content-Length. It also answers OPTIONS *,
// which asks about the server as a whole and which [http.ServeMux] refuses.
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

// recorder remembers the status and the size of a response.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the response begins
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

// Hijack lets a request become a WebSocket, or a stream, which has a content type. The hub
// answers 400 if the client has sent more than the request.
func (a *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	switch {
	case err != nil:
	case rw.Reader.Buffered() > 0:
		a.status = http.StatusBadRequest
	case a.Header().Get("Content-Type") != "":
		a.status = http.StatusOK
	default:
		a.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}
