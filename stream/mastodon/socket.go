package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/lines"
	"nagare/stream/internal/text"
)

const (
	pingInterval = 25 * time.Second // between two pings; servers send pings, too, every 30 seconds
	pongWait     = 10 * time.Second // the longest time until the pong
)

// socket is a stream over a WebSocket. Not all servers send pings, so the socket sends its own.
type socket struct {
	// Set once.
	conn  *websocket.Conn
	api   *apiClient
	heard func()
	ended chan struct{} // closed by close

	buf bytes.Buffer // the current message; owned by next

	pings sync.WaitGroup // one for the goroutine that pings
}

// openSocket opens the stream as a WebSocket. It sends the token in two headers, because Pleroma
// and Akkoma read it only from the second. No header gets into an access log, as an address does.
// Compression is not offered, so a message is never larger than what the server sends.
func (a *apiClient) openSocket(ctx context.Context, heard func()) (eventStream, error) {
	at := *a.streaming.JoinPath("/api/v1/streaming")
	at.Scheme = strings.Replace(at.Scheme, "http", "ws", 1)
	at.RawQuery = a.socketQuery().Encode()
	dialer := fetch.NewDialer(ctx, a.client)
	header := http.Header{"User-Agent": {fetch.UserAgent}}
	if a.token != "" {
		header.Set("Authorization", "Bearer "+a.token)
		dialer.Subprotocols = []string{a.token}
	}
	conn, res, err := dialer.DialContext(ctx, at.String(), header)
	if res != nil {
		a.rate.Header(res.Header)
	}
	if err != nil {
		return nil, fmt.Errorf("WebSocket: %w", a.confirm(ctx, fetch.HandshakeError(err, res, isOwnError, stream.Secret(a.token))))
	}
	a.clock.Header(res.Header)
	s := &socket{conn: conn, api: a, heard: heard, ended: make(chan struct{})}
	conn.SetPongHandler(func(string) error { return s.extend() })
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error { return errors.Join(s.extend(), answer(data)) })
	s.pings.Go(s.ping)
	s.conn.SetReadDeadline(time.Now().Add(pingInterval + pongWait))
	return s, nil
}

// socketQuery is the query that selects the timeline.
func (a *apiClient) socketQuery() url.Values {
	query := url.Values{"stream": {strings.ReplaceAll(a.timeline.stream, "/", ":")}}
	if a.tag() != "" {
		query.Set("stream", "public")
		return query
	}
	for key, values := range a.timeline.query {
		query[key] = values
	}
	return query
}

// confirm explains a refused handshake. The response to a handshake often lacks the error of the
// API, so if the handshake is refused for the token, the API is asked about the token.
func (a *apiClient) confirm(ctx context.Context, err error) error {
	refusal, ok := errors.AsType[*stream.StatusError](err)
	if ok && refusal.Foreign && (refusal.Code == http.StatusUnauthorized || refusal.Code == http.StatusForbidden) {
		var page json.RawMessage
		if _, asked := a.get(ctx, "/api/v1/timelines/home", url.Values{"limit": {"1"}}, &page); stream.IsPermanent(asked) {
			err = asked
		}
	}
	return a.explain(err)
}

// extend restarts the time within which the server must send something.
func (s *socket) extend() error {
	s.heard()
	return s.conn.SetReadDeadline(time.Now().Add(pingInterval + pongWait))
}

// ping sends pings until the socket is closed.
func (s *socket) ping() {
	tick := time.NewTicker(pingInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.ended:
			return
		case now := <-tick.C:
			s.conn.WriteControl(websocket.PingMessage, nil, now.Add(pongWait)) // an error also ends the read
		}
	}
}

func (s *socket) close() error {
	close(s.ended)
	err := s.conn.Close()
	s.pings.Wait()
	return err
}

// next reads a message. If the message is too long, the rest of it is discarded.
func (s *socket) next() (lines.Event, error) {
	_, message, err := s.conn.NextReader()
	if err != nil {
		return lines.Event{}, fetch.SocketError(err)
	}
	s.extend() // an error also ends the next read
	s.buf.Reset()
	if _, err := s.buf.ReadFrom(io.LimitReader(message, lines.MaxLine+1)); err != nil {
		return lines.Event{}, fetch.SocketError(err)
	}
	if s.buf.Len() > lines.MaxLine {
		return lines.Event{}, lines.ErrLongEvent
	}
	return s.decode(s.buf.Bytes())
}

// decode decodes a message. The error is the one that the server reports, if the message does.
func (s *socket) decode(message []byte) (lines.Event, error) {
	var m struct {
		Event   string          `json:"event"`
		Payload json.RawMessage `json:"payload"`
		Error   string          `json:"error"`
		Status  int             `json:"status"`
	}
	if err := unmarshal(message, &m); err != nil && !errors.Is(err, errWrongType) {
		return lines.Event{}, fmt.Errorf("%w: %w", errNoEvent, err)
	}
	switch {
	case m.Error != "" && m.Event == "":
		said := text.Truncate(stream.Redact(text.OneLine(m.Error), stream.Secret(s.api.token)), 200)
		refusal := &stream.StatusError{Code: m.Status, Text: said}
		if refusal.IsRefusal() {
			return lines.Event{}, s.api.explain(stream.Permanent(refusal))
		}
		return lines.Event{}, refusal
	case m.Event == "":
		return lines.Event{}, errNoEvent
	}
	return lines.Event{Name: m.Event, Data: m.Payload}, nil
}
