package twitter

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dghubble/oauth1"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/netclock"
	"nagare/stream/internal/text"
)

// longestSilence is how long the server may send nothing. It sends a keep-alive every 30
// seconds.
const longestSilence = 90 * time.Second

// longestQuery is the length of a query, in bytes, that every server accepts. go-twitter puts
// all parameters into the query; if the query is longer, connection sends the parameters in the
// body.
const longestQuery = 2 << 10

// connection is the http.RoundTripper that go-twitter uses for one connection. go-twitter hides
// the error of most responses, and reconnects at once when a connection ends. So connection
// reports the response, and refuses a second request.
type connection struct {
	// Set by newConnection.

	ctx      context.Context
	base     *url.URL // of a gateway; nil: X's own address is used
	next     http.RoundTripper
	response chan error // receives one value: nil if the response has the code 200, or an error
	keys     []stream.Secret
	clock    *netclock.Clock // corrected by the response
	rate     *fetch.RateLimit

	// Owned by the goroutine of go-twitter until that has ended.

	used bool
	body *messageBody // set before response receives nil
}

func (t *Source) newConnection(ctx context.Context, client *http.Client) (*connection, error) {
	c := &connection{ctx: ctx, next: client.Transport, response: make(chan error, 1), keys: t.keys(), clock: &t.clock, rate: &t.rate}
	if c.next == nil {
		c.next = http.DefaultTransport
	}
	if t.Base != "" {
		base, err := url.Parse(strings.TrimRight(text.WebAddress(t.Base), "/"))
		if err != nil || base.Host == "" {
			return nil, stream.Permanent(errors.New("the base address must be like https://gateway.example"))
		}
		c.base = base
	}
	switch missing := t.missingKey(); {
	case missing == "":
		config := oauth1.NewConfig(string(t.ConsumerKey), string(t.ConsumerSecret))
		under := context.WithValue(ctx, oauth1.HTTPClient, &http.Client{Transport: c.next})
		c.next = config.Client(under, oauth1.NewToken(string(t.AccessToken), string(t.AccessSecret))).Transport
	case c.base == nil || cmp.Or(t.ConsumerKey, t.ConsumerSecret, t.AccessToken, t.AccessSecret) != "":
		return nil, stream.Permanent(stream.WithFault(stream.FaultRefused, fmt.Errorf("the %s is missing", missing)))
	}
	return c, nil
}

// keys are the secrets that must be redacted.
func (t *Source) keys() []stream.Secret {
	return []stream.Secret{t.ConsumerKey, t.ConsumerSecret, t.AccessToken, t.AccessSecret}
}

// missingKey names the first key that is not set; "" if all four are.
func (t *Source) missingKey() string {
	switch "" {
	case string(t.ConsumerKey):
		return "consumer key"
	case string(t.ConsumerSecret):
		return "consumer secret"
	case string(t.AccessToken):
		return "access token"
	case string(t.AccessSecret):
		return "access secret"
	}
	return ""
}

// isOwnError reports whether the API v1.1 sent the body of an error response: JSON, or the web
// page that its streams sent to clients without access.
func isOwnError(res *http.Response, body []byte) bool {
	return isErrorObject(res, body) || bytes.Contains(body, []byte("Problem accessing '/1.1/"))
}

var isErrorObject = fetch.Object("errors", "error")

// wait waits for the response of the server. It returns nil if the response is a stream.
func (c *connection) wait() error {
	select {
	case err := <-c.response:
		return err
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// RoundTrip sends the request on the first call. All later calls fail, so that go-twitter can't
// reconnect.
func (c *connection) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.used {
		return nil, errors.New("one connection only")
	}
	c.used = true
	res, err := c.connect(req)
	c.response <- err
	return res, err
}

func (c *connection) connect(req *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(c.toBase(req))
	if err != nil {
		return nil, stream.RedactError(fetch.WithoutAddress(err, nil), c.keys...)
	}
	c.clock.Header(res.Header)
	c.rate.Header(res.Header)
	c.clock.Connected(true)
	if res.StatusCode != http.StatusOK {
		res.Body = fetch.Watch(res.Body, fetch.AnswerTimeout)
		defer res.Body.Close()
		return nil, c.refused(res)
	}
	c.body = newMessageBody(c.ctx, fetch.Watch(res.Body, longestSilence), c.clock)
	res.Body = c.body
	return res, nil
}

// toBase changes the address of req to that of the gateway. This must happen before the request
// is signed, because the server verifies the signature against the address that it received.
func (c *connection) toBase(req *http.Request) *http.Request {
	req = req.Clone(c.ctx)
	req.Header.Set("User-Agent", fetch.UserAgent)
	if c.base != nil {
		req.URL.Scheme, req.URL.Host, req.Host = c.base.Scheme, c.base.Host, c.base.Host
		req.URL.Path = c.base.Path + req.URL.Path
	}
	if query := req.URL.RawQuery; req.Method == http.MethodPost && len(query) > longestQuery {
		req.URL.RawQuery = ""
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(query)), int64(len(query))
	}
	return req
}

// refused returns the error of a response that is no stream, with advice for the operator.
func (c *connection) refused(res *http.Response) error {
	err := fetch.Refusal(res, isOwnError, c.keys...)
	if !stream.IsPermanent(err) {
		return err
	}
	switch res.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		if c.base != nil {
			return fmt.Errorf("%w (the gateway refuses: check its address and the keys)", err)
		}
		return fmt.Errorf("%w (retired by X: it has shut the streams of v1.1; use --source x. "+
			"This source still reads a compatible gateway, by its base address, and replays recorded files)", err)
	}
	return err
}
