package main

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// raw is the minimum: one loop that writes the same encoded frame to every connection.
var raw = peer{name: "raw", what: "raw Go loop of net.Conn.Write", start: startRaw}

type rawLoop struct {
	mu    sync.Mutex
	conns []net.Conn
}

func startRaw() (fanout, error) {
	l := &rawLoop{}
	return fanout{handler: l, publish: l.publish}, nil
}

// ServeHTTP makes the handshake of RFC 6455, section 4.2.2. It validates nothing, because
// the client is part of this program. The client sends nothing after the handshake.
func (l *rawLoop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
}

func (l *rawLoop) publish(m message) {
	frame := m.frame()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.Write(frame) // a write fails only when the load has closed the connection, at the end
	}
}
