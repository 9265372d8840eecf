package hub

import (
	"bufio"
	"net"
	"net/http"
	"time"
)

// socket stands between gorilla/websocket and the network. What the library says
// by itself after the handshake, which is why it ends a connection that breaks
// RFC 6455, takes its turn with the rest: it can't land inside a frame that is
// half written.
type socket struct {
	net.Conn
	conn *conn // nil until the handshake is done
}

func (s *socket) Write(b []byte) (int, error) {
	if s.conn == nil {
		return s.Conn.Write(b)
	}
	s.conn.sendLast(append([]byte(nil), b...))
	return len(b), nil
}

// SetWriteDeadline is the writer's business once there is one.
func (s *socket) SetWriteDeadline(t time.Time) error {
	if s.conn == nil {
		return s.Conn.SetWriteDeadline(t)
	}
	return nil
}

// hijacker has the library take a socket for the connection.
type hijacker struct {
	http.ResponseWriter
	socket *socket
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.socket.Conn = c
	return h.socket, rw, err
}
