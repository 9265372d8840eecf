package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// bskySilence is how long the whole network may be silent: then it is the link.
	bskySilence = 30 * time.Second
	// pingEach is how often we ask the server whether it is there.
	pingEach = 25 * time.Second
	// pongWait is how long it may take to answer.
	pongWait = 10 * time.Second
)

// bskyNews is what the reader has to tell: an event, what was odd about it or
// instead of it, or the end.
type bskyNews struct {
	event *bskyEvent
	odd   error
	end   error
}

var errTooLarge = errors.New("a message over the limit")

// bskyReader reads a connection.
type bskyReader struct {
	conn   *websocket.Conn
	narrow bool         // silence says nothing: it is the pongs that count
	buf    bytes.Buffer // the message, inflated
}

func newBskyReader(conn *websocket.Conn, narrow bool) *bskyReader {
	r := &bskyReader{conn: conn, narrow: narrow}
	if narrow {
		conn.SetPongHandler(func(string) error { return r.alive() })
		answer := conn.PingHandler()
		conn.SetPingHandler(func(data string) error { return errors.Join(r.alive(), answer(data)) })
	}
	return r
}

// alive grants the server more time.
func (r *bskyReader) alive() error {
	if r.narrow {
		return r.conn.SetReadDeadline(time.Now().Add(pingEach + pongWait))
	}
	return r.conn.SetReadDeadline(time.Now().Add(bskySilence))
}

// read passes news on until the connection or ctx ends.
func (r *bskyReader) read(ctx context.Context, news chan<- bskyNews) {
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
		if n.end != nil {
			return
		}
	}
}

// next reads one message. It reports false for one that is of no interest.
func (r *bskyReader) next() (bskyNews, bool) {
	err := r.receive()
	switch {
	case errors.Is(err, errTooLarge):
		return bskyNews{odd: err}, true
	case err != nil:
		return bskyNews{end: bskyEnd(err)}, true
	case bskyElsewhere(r.buf.Bytes()):
		return bskyNews{}, false
	}
	event, err := decodeBluesky(r.buf.Bytes())
	return bskyNews{event: event, odd: err}, true
}

// receive reads a message into the buffer, up to the limit; the rest of it is passed
// over by the next call, without inflating it. The library's own limit would end the
// connection, and the next one, which goes on from before that message, would meet it
// again.
func (r *bskyReader) receive() error {
	if err := r.alive(); err != nil {
		return err
	}
	_, message, err := r.conn.NextReader()
	if err != nil {
		return err
	}
	r.buf.Reset()
	if _, err := r.buf.ReadFrom(io.LimitReader(message, maxLine+1)); err != nil {
		return err
	}
	if r.buf.Len() > maxLine {
		return errTooLarge
	}
	return nil
}

// bskyEnd says in plain words how a connection ended.
func bskyEnd(err error) error {
	var closed *websocket.CloseError
	var late net.Error
	switch {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		return WithFault(FaultUnreachable, fmt.Errorf("closed by the server: %d %s", closed.Code, cutRunes(oneLine(closed.Text), 100)))
	case errors.As(err, &late) && late.Timeout():
		return errSilent
	case closed != nil:
		return WithFault(FaultUnreachable, err)
	}
	return err
}
