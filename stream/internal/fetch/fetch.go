// Package fetch makes the requests of the sources: it limits how long a server may be silent and how
// large a document may be, describes refusals and broken connections for the operator, and removes
// addresses and credentials from errors.
package fetch

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"nagare/stream"
	"nagare/stream/internal/netclock"
)

// AnswerTimeout is the longest time until a server begins its response.
const AnswerTimeout = 15 * time.Second

// longestAsked is the longest wait that a server can impose. All known servers ask for
// minutes; a server with a wrong clock must not stop a source for a year.
const longestAsked = time.Hour

// waitOf returns how long the server asks us to wait, within the limit.
func waitOf(h http.Header) time.Duration {
	return min(max(headerWait(h), 0), longestAsked)
}

// headerWait returns the wait that the headers ask for; 0 if there is none. A time in them is by
// the server's clock.
func headerWait(h http.Header) time.Duration {
	now := serverTime(h)
	if seconds, err := strconv.ParseInt(h.Get("Retry-After"), 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return at.Sub(now)
	}
	return untilReset(cmp.Or(h.Get("X-Rate-Limit-Reset"), h.Get("X-RateLimit-Reset"), h.Get("RateLimit-Reset")), now)
}

// serverTime is the time of a response by the server's clock or, if that is unknown, by ours.
func serverTime(h http.Header) time.Time {
	if at := netclock.Date(h); !at.IsZero() {
		return at
	}
	return time.Now()
}

// UserAgent is the User-Agent of all sources.
const UserAgent = "nagare/1.0"

// NewClient makes an HTTP client for streams. It limits the time until a response begins, but
// not the length of the response. It follows no redirect to another host, which would receive
// the token.
func NewClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	transport.TLSHandshakeTimeout = 10 * time.Second
	transport.ResponseHeaderTimeout = AnswerTimeout
	return &http.Client{
		Transport: transport,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
				return http.ErrUseLastResponse
			}
			if len(via) > 5 {
				return errors.New("more than 5 redirects")
			}
			return nil
		},
	}
}

// JSON requests a JSON document of at most limit bytes. A response other than 200 is a
// [Refusal]; isOwn recognizes the error responses of the API.
//
// The result is the header of the response; nil if there is no response.
func JSON(client *http.Client, req *http.Request, isOwn Shape, limit int64, into any) (http.Header, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, WithoutAddress(err, req)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return res.Header, Refusal(res, isOwn)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return res.Header, err
	case int64(len(body)) > limit:
		return res.Header, stream.WithFault(stream.FaultUnreadable, fmt.Errorf("an answer of over %d bytes", limit))
	}
	return res.Header, json.Unmarshal(body, into)
}

// WithoutAddress removes the address and the credentials of req from an error of net/http,
// because they must not be logged. An error about a malformed response is replaced altogether:
// it quotes parts of the response, which can be parts of a token.
func WithoutAddress(err error, req *http.Request) error {
	type unwrapper interface{ Unwrap() error }
	if u, ok := err.(unwrapper); ok && strings.Contains(err.Error(), "://") {
		err = u.Unwrap()
	}
	if strings.Contains(err.Error(), "malformed HTTP") || strings.Contains(err.Error(), "malformed MIME") {
		return errMalformed
	}
	return stream.RedactError(err, credentials(req)...)
}

var errMalformed = stream.WithFault(stream.FaultUnreadable, errors.New("the response is not HTTP"))

// ErrSilent is the error of reading a body that [Watch] has closed.
var ErrSilent = stream.WithFault(stream.FaultQuiet, errors.New("silent for too long"))

// watchedBody is the body of a response that is closed after a silence.
type watchedBody struct {
	body   io.ReadCloser
	limit  time.Duration
	timer  *time.Timer
	silent atomic.Bool
}

// Watch returns a body that is closed when nothing has arrived for the time limit. Closing it
// ends the watch.
func Watch(body io.ReadCloser, limit time.Duration) *watchedBody {
	w := &watchedBody{body: body, limit: limit}
	w.timer = time.AfterFunc(limit, func() {
		w.silent.Store(true)
		body.Close()
	})
	return w
}

func (w *watchedBody) Read(p []byte) (int, error) {
	n, err := w.body.Read(p)
	if n > 0 {
		w.timer.Reset(w.limit)
	}
	if err != nil && w.silent.Load() {
		err = ErrSilent
	}
	return n, err
}

func (w *watchedBody) Close() error {
	w.timer.Stop()
	return w.body.Close()
}
