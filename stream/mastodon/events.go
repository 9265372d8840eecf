package mastodon

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/lines"
)

// eventStream is an open stream: Server-Sent Events, or a WebSocket. It calls heard whenever the
// server has sent anything, and fails after a long silence.
type eventStream interface {
	// next returns the next event, lines.ErrLongEvent if the event is too long, or errNoEvent if
	// the message is none. Any other error ends the stream.
	next() (lines.Event, error)
	close() error
}

// errNoEvent means that a message is no event. The stream goes on.
var errNoEvent = errors.New("a message that is not an event")

// errNotEvents is the error of a response that is no stream of Server-Sent Events.
var errNotEvents = stream.WithFault(stream.FaultUnreadable, errors.New("the response is not an event stream; is there a Mastodon server at this address?"))

// open opens the stream of the timeline. Not all servers have an event stream: if the server
// doesn't, open opens a WebSocket.
func (a *apiClient) open(ctx context.Context, heard func()) (eventStream, error) {
	if a.onlySocket {
		return a.openSocket(ctx, heard)
	}
	events, err := a.openEvents(ctx, heard)
	if !lacksEvents(err) {
		return events, err
	}
	socket, socketErr := a.openSocket(ctx, heard)
	if socketErr != nil {
		return nil, fmt.Errorf("no event stream (%v), and no WebSocket: %w", err, socketErr)
	}
	a.onlySocket = true
	return socket, nil
}

// lacksEvents reports whether err means that the server has no event stream.
func lacksEvents(err error) bool {
	if errors.Is(err, errNotEvents) {
		return true
	}
	status, ok := errors.AsType[*stream.StatusError](err)
	if !ok {
		return false
	}
	switch status.Code {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusGone, http.StatusUpgradeRequired, http.StatusNotImplemented:
		return true
	}
	return false
}

// serverEvents is a stream of Server-Sent Events.
type serverEvents struct {
	// Set by openEvents, never changed.
	body   io.ReadCloser
	reader *lines.EventReader // of the inflated body
	opened time.Time
	heard  func()
}

// errIllegible is the end of a stream in which no line could be read.
var errIllegible = stream.WithFault(stream.FaultUnreadable, errors.New("what the server sends is not an event stream; a proxy may compress or change it"))

// read reads from the body. Servers send a comment when the stream begins and every 15 seconds, so
// a stream in which no line is known after that time never has one.
func (s *serverEvents) read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if n > 0 {
		s.heard()
	}
	if err == nil && s.reader.Known == 0 && time.Since(s.opened) > longestSilence {
		err = errIllegible
	}
	return n, err
}

func (s *serverEvents) close() error { return s.body.Close() }

func (s *serverEvents) next() (lines.Event, error) {
	e, err := s.reader.Next()
	if errors.Is(err, io.EOF) {
		err = stream.WithFault(stream.FaultUnreachable, errors.New("the server ended the stream"))
	}
	return e, err
}

// openEvents opens the stream as Server-Sent Events.
func (a *apiClient) openEvents(ctx context.Context, heard func()) (eventStream, error) {
	at := a.streaming.JoinPath("/api/v1/streaming", a.timeline.stream)
	req := a.request(ctx, at, a.timeline.query)
	req.Header.Set("Accept", "text/event-stream, application/json")
	req.Header.Set("Accept-Encoding", "identity") // compression delays events
	res, err := a.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("stream: %w", fetch.WithoutAddress(err, req))
	}
	a.rate.Header(res.Header)
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, fmt.Errorf("stream: %w", a.explain(fetch.Refusal(res, isOwnError)))
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != "text/event-stream" {
		res.Body.Close()
		return nil, fmt.Errorf("stream: %w", errNotEvents)
	}
	a.clock.Header(res.Header)
	s := &serverEvents{body: fetch.Watch(res.Body, longestSilence), opened: time.Now(), heard: heard}
	plain, err := uncompressed(res.Header.Get("Content-Encoding"), readFunc(s.read))
	if err != nil {
		s.close()
		return nil, fmt.Errorf("stream: %w", err)
	}
	s.reader = lines.NewEventReader(plain)
	return s, nil
}

// uncompressed undoes the compression of a body. Some proxies compress although the client
// doesn't ask for it.
func uncompressed(encoding string, body io.Reader) (io.Reader, error) {
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		return &gunzip{from: body}, nil
	}
	return nil, stream.WithFault(stream.FaultUnreadable,
		fmt.Errorf("the stream is compressed as %q, which was not asked for; the server, or a proxy in front of it, must not compress event streams", encoding))
}

// gunzip inflates what it reads. Unlike a gzip.Reader, it is made before the first bytes arrive.
type gunzip struct {
	from io.Reader
	in   *gzip.Reader
}

func (g *gunzip) Read(p []byte) (n int, err error) {
	if g.in == nil {
		if g.in, err = gzip.NewReader(g.from); err != nil {
			return 0, err
		}
	}
	return g.in.Read(p)
}

// readFunc is an io.Reader that calls a function.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
