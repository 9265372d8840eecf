package hub

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// acceptHandshake reports whether the request is a WebSocket handshake (RFC 6455, section
// 4.2.1), and answers it if it is not. The upgrader checks the rest. HTTP/1.0 has no
// upgrades (RFC 9110, section 7.8).
func acceptHandshake(w http.ResponseWriter, r *http.Request) bool {
	version := r.Header.Values("Sec-Websocket-Version")
	switch {
	case !websocket.IsWebSocketUpgrade(r) || !r.ProtoAtLeast(1, 1):
		wantUpgrade(w, "want a WebSocket upgrade")
	case !slices.Equal(version, []string{"13"}):
		w.Header().Set("Sec-WebSocket-Version", "13")
		wantUpgrade(w, "want version 13 of WebSocket")
	case len(r.Header.Values("Sec-Websocket-Key")) != 1:
		http.Error(w, "want one Sec-WebSocket-Key", http.StatusBadRequest)
	default:
		return true
	}
	return false
}

func wantUpgrade(w http.ResponseWriter, text string) {
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "websocket")
	http.Error(w, text, http.StatusUpgradeRequired)
}

// sameHost reports whether the request's Origin has the host to which the request was sent. It
// also accepts a request without an Origin, because a browser omits it if a page requests a
// stream from its own origin. A program that omits the Origin gains nothing, since it has no
// cookies of a browser that Options.MayFollow would accept.
func sameHost(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	return err == nil && len(origins) == 1 && strings.EqualFold(u.Host, r.Host) && strings.EqualFold(origins[0], u.Scheme+"://"+u.Host)
}

// errEarly means that the client has sent bytes after its request, but before the response
// that makes the connection a WebSocket or a stream. A proxy may have taken these bytes for
// another request, so they are not handled.
var errEarly = errors.New("hub: bytes before the response")

// hijacker takes connections over from the HTTP server, unless the client sends too early.
type hijacker struct{ http.ResponseWriter }

// Hijack answers and closes a connection with early bytes, and returns errEarly.
func (w hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil || rw.Reader.Buffered() == 0 {
		return nc, rw, err
	}
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n")
	header := w.Header().Clone()
	header.Del("Connection")
	header.Write(&b)
	b.WriteString("\r\n")
	nc.SetWriteDeadline(time.Now().Add(handshakeTimeout))
	nc.Write(b.Bytes()) // an error means that the client has left
	nc.Close()
	return nil, nil, errEarly
}

// refuseUpgrade answers a handshake that the upgrader refuses.
func refuseUpgrade(w http.ResponseWriter, _ *http.Request, status int, reason error) {
	if reason.Error() != errEarly.Error() { // Hijack has answered in that case
		http.Error(w, strings.ToLower(http.StatusText(status)), status)
	}
}
