package bluesky

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/lines"
	"nagare/stream/internal/text"
)

const (
	// bskySilence is how long the whole network may be silent: then it is the link.
	longestSilence = 30 * time.Second
	// pingEach is how often we ask the server whether it is there.
	pingInterval = 25 * time.Second
	// pongWait is how long it may take to answer.
	pongWait = 10 * time.Second
)

// bskyNews is what the reader has to tell: an event, what was odd about it or
// instead of it, or the end.
type received struct {
	event   *event
	anomaly error
	err     error
}

var errTooLarge = errors.New("a message over the limit")

// bskyReader reads a connection.
type reader struct {
	conn   *websocket.Conn
	narrow bool         // silence says nothing: it is the pongs that count
	buf    bytes.Buffer // the message, inflated
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

// alive grants the server more time.
func (r *reader) extendDeadline() error {
	if r.narrow {
		return r.conn.SetReadDeadline(time.Now().Add(pingInterval + pongWait))
	}
	return r.conn.SetReadDeadline(time.Now().Add(longestSilence))
}

// read passes news on until the connection or ctx ends.
func (r *reader) read(ctx context.Context, news chan<- received) {
	for {
		n, ok := r.next()
		if !ok {
			continue
		}
		select {
		case news <- n:
		case <-ctx.Done():
			return
		}
		if n.err != nil {
			return
		}
	}
}

// next reads one message. It reports false for one that is of no interest.
func (r *reader) next() (received, bool) {
	err := r.receive()
	switch {
	case errors.Is(err, errTooLarge):
		return received{anomaly: err}, true
	case err != nil:
		return received{err: endReason(err)}, true
	case isOtherCollection(r.buf.Bytes()):
		return received{}, false
	}
	event, err := decode(r.buf.Bytes())
	return received{event: event, anomaly: err}, true
}

// receive reads a message into the buffer, up to the limit; the rest of it is passed
// over by the next call, without inflating it. The library's own limit would end the
// connection, and the next one, which goes on from before that message, would meet it
// again.
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

// bskyEnd says in plain words how a connection ended.
func endReason(err error) error {
	var closed *websocket.CloseError
	var late net.Error
	switch {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		return stream.WithFault(stream.FaultUnreachable, fmt.Errorf("closed by the server: %d %s", closed.Code, text.Truncate(text.OneLine(closed.Text), 100)))
	case errors.As(err, &late) && late.Timeout():
		return fetch.ErrSilent
	case closed != nil:
		return stream.WithFault(stream.FaultUnreachable, err)
	}
	return err
}
