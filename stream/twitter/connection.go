package twitter

import (
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
	"nagare/stream/internal/text"
)

// twitterSilence is how long the stream may be without even a keep-alive, which
// comes every 30 seconds.
const longestSilence = 90 * time.Second

// longestQuery is what every server takes in an address; go-twitter puts all of
// the parameters there.
const longestQuery = 2 << 10

// twitterConnection is the transport of go-twitter for a single connection, because
// go-twitter ends without a word on most answers, and calls again, with no wait at
// all, whenever a connection ends.
type connection struct {
	ctx    context.Context
	base   *url.URL // of a gateway, or nil
	next   http.RoundTripper
	answer chan error // gets one value: nil after a 200
	keys   []stream.Secret

	// owned by go-twitter, which reads one connection after the other, until it has ended
	used bool
	body *messageBody // set before the answer
}

func (t *Source) connection(ctx context.Context, client *http.Client) (*connection, error) {
	c := &connection{ctx: ctx, next: client.Transport, answer: make(chan error, 1), keys: t.keys()}
	if c.next == nil {
		c.next = http.DefaultTransport
	}
	if t.Base != "" {
		if text.WebAddress(t.Base) == "" {
			return nil, stream.Permanent(errors.New("the base address must be like https://gateway.example"))
		}
		c.base, _ = url.Parse(strings.TrimRight(t.Base, "/"))
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

// keys are what nobody may see.
func (t *Source) keys() []stream.Secret {
	return []stream.Secret{t.ConsumerKey, t.ConsumerSecret, t.AccessToken, t.AccessSecret}
}

// missingKey names the first of the four that isn't there.
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

// wait returns nil when the server has answered with a stream.
func (c *connection) wait() error {
	select {
	case err := <-c.answer:
		return err
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// RoundTrip connects the first time and refuses ever after.
func (c *connection) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.used {
		return nil, errors.New("one connection only")
	}
	c.used = true
	res, err := c.connect(req)
	c.answer <- err
	return res, err
}

func (c *connection) connect(req *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(c.addressed(req))
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		res.Body = fetch.Watch(res.Body, fetch.AnswerTimeout)
		defer res.Body.Close()
		return nil, c.refused(res)
	}
	c.body = newMessageBody(c.ctx, fetch.Watch(res.Body, longestSilence))
	res.Body = c.body
	return res, nil
}

// addressed leads req to the base, before it is signed: a server checks the
// signature over the address that it was called by.
func (c *connection) addressed(req *http.Request) *http.Request {
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

// refused says what a refusal means here.
func (c *connection) refused(res *http.Response) error {
	err := fetch.Refusal(res, c.keys...)
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
