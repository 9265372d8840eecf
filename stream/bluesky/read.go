package bluesky

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream/internal/fetch"
	"nagare/stream/internal/lines"
)

const (
	// longestSilence is the time without a message after which a connection to the whole
	// network counts as dead.
	longestSilence = 30 * time.Second
	// pingInterval is the time between two pings.
	pingInterval = 25 * time.Second
	// pongWait is how long a pong may take.
	pongWait = 10 * time.Second
)

// received is what the reader passes on: an event, an anomaly, both if only a field of the
// event was invalid, or the error that ended the connection.
type received struct {
	event   *event
	anomaly error
	err     error
}

var errTooLarge = errors.New("a message over the limit")

// reader reads a connection.
type reader struct {
	conn   *websocket.Conn
	narrow bool         // few authors: silence is normal, and only pings and pongs show that the server lives
	buf    bytes.Buffer // the inflated message
}

func newReader(conn *websocket.Conn, narrow bool) *reader {
	r := &reader{conn: conn, narrow: narrow}
	if narrow {
		conn.SetPongHandler(func(string) error { return r.extendDeadline() })
		answer := conn.PingHandler()
		conn.SetPingHandler(func(data string) error { return errors.Join(r.extendDeadline(), answer(data)) })
	}
	return r
}

// extendDeadline restarts the time within which the server must send something.
func (r *reader) extendDeadline() error {
	if r.narrow {
		return r.conn.SetReadDeadline(time.Now().Add(pingInterval + pongWait))
	}
	return r.conn.SetReadDeadline(time.Now().Add(longestSilence))
}

// read passes messages on until the connection or ctx ends.
func (r *reader) read(ctx context.Context, messages chan<- received) {
	for {
		n, ok := r.next()
		if !ok {
			continue
		}
		select {
		case messages <- n:
		case <-ctx.Done():
			return
		}
		if n.err != nil {
			return
		}
	}
}

// next reads one message. The result is false if the message is of no use.
func (r *reader) next() (received, bool) {
	err := r.receive()
	switch {
	case errors.Is(err, errTooLarge):
		return received{anomaly: err}, true
	case err != nil:
		return received{err: fetch.SocketError(err)}, true
	case isOtherCollection(r.buf.Bytes()):
		return received{}, false
	}
	event, err := decode(r.buf.Bytes())
	return received{event: event, anomaly: err}, true
}

// receive reads a message into the buffer, up to the limit. The next call discards the rest
// without inflating it. The limit of the WebSocket library isn't used, because exceeding it
// ends the connection; the next connection would resume before that message and end in the same
// way.
func (r *reader) receive() error {
	if err := r.extendDeadline(); err != nil {
		return err
	}
	_, message, err := r.conn.NextReader()
	if err != nil {
		return err
	}
	r.buf.Reset()
	if _, err := r.buf.ReadFrom(io.LimitReader(message, lines.MaxLine+1)); err != nil {
		return err
	}
	if r.buf.Len() > lines.MaxLine {
		return errTooLarge
	}
	return nil
}
