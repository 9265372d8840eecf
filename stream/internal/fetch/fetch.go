package fetch

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// answerWait is how long a server may take to begin its answer.
const AnswerTimeout = 15 * time.Second

// refusal makes an error of an answer other than 200. It is [Permanent] where
// asking again would be answered the same: what is wrong is the question, or who asks.
// The server may repeat what it was sent, so that the secrets are hidden, and what the
// request says in proof of who asks.
func Refusal(res *http.Response, secrets ...stream.Secret) error {
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // so much that no half of a secret gets among the first 200
	said := stream.Redact(text.OneLine(string(body)), append(credentials(res.Request), secrets...)...)
	err := &stream.StatusError{Code: res.StatusCode, Text: text.Truncate(said, 200), Wait: askedToWait(res.Header)}
	switch {
	case err.Code == http.StatusTooManyRequests, err.Code == stream.EnhanceYourCalm, err.Code == http.StatusRequestTimeout,
		err.Code >= 500, err.Code < 400:
		return err
	}
	return stream.Permanent(err)
}

// longestAsked is the most that a server may ask for: all that are known think of
// minutes, and one whose clock is wrong must not end the feed for a year.
const longestAsked = time.Hour

// askedToWait is how long the server wants to be left alone.
func askedToWait(h http.Header) time.Duration {
	return min(max(saidToWait(h), 0), longestAsked)
}

// saidToWait reads what it says.
func saidToWait(h http.Header) time.Duration {
	if seconds, err := strconv.ParseInt(h.Get("Retry-After"), 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return time.Until(at)
	}
	reset := cmp.Or(h.Get("X-Rate-Limit-Reset"), h.Get("X-RateLimit-Reset"), h.Get("RateLimit-Reset"))
	if at, err := time.Parse(time.RFC3339, reset); err == nil { // Mastodon
		return time.Until(at)
	}
	if at, err := strconv.ParseInt(reset, 10, 64); err == nil && at > 1e9 { // X, Bluesky: Unix seconds
		return time.Until(time.Unix(at, 0))
	}
	return 0
}

// UserAgent is what the sources call themselves.
const UserAgent = "nagare/1.0"

// newClient makes a client for streams: it bounds the time until an answer begins,
// not the time that it takes, and doesn't carry a token to another host.
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

// get asks for a JSON document of at most limit bytes. An answer other than 200 is
// a refusal.
func JSON(client *http.Client, req *http.Request, limit int64, into any) error {
	res, err := client.Do(req)
	if err != nil {
		return WithoutAddress(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Refusal(res)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return err
	case int64(len(body)) > limit:
		return stream.WithFault(stream.FaultUnreadable, fmt.Errorf("an answer of over %d bytes", limit))
	}
	return json.Unmarshal(body, into)
}

// withoutAddress takes away what net/http says first: the whole address, which a
// log should not hold.
func WithoutAddress(err error) error {
	type unwrapper interface{ Unwrap() error }
	if u, ok := err.(unwrapper); ok && strings.Contains(err.Error(), "://") {
		return u.Unwrap()
	}
	return err
}

var ErrSilent = stream.WithFault(stream.FaultQuiet, errors.New("silent for too long"))

// watched is the body of a stream that is given up when nothing has come for limit.
type watchedBody struct {
	body   io.ReadCloser
	limit  time.Duration
	timer  *time.Timer
	silent atomic.Bool
}

// watch begins at once. Closing it ends the watch and the body.
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

// proof is what a request says in proof of who asks: a token, or parameters of OAuth, of
// which the signature alone would be of use.
func credentials(req *http.Request) []stream.Secret {
	if req == nil {
		return nil
	}
	_, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	_, signature, _ := strings.Cut(token, `oauth_signature="`)
	signature, _, _ = strings.Cut(signature, `"`)
	plain, _ := url.QueryUnescape(signature)
	return []stream.Secret{stream.Secret(token), stream.Secret(signature), stream.Secret(plain)}
}
