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
	"nagare/stream/internal/text"
)

// longestSilence is how long the server may send nothing. It sends a keep-alive every 30
// seconds.
const longestSilence = 90 * time.Second

const address = "https://stream.twitter.com"

// open opens the stream and returns its body, which fails after longestSilence without data.
func (t *Source) open(ctx context.Context, client *http.Client) (io.ReadCloser, error) {
	req, err := t.request(ctx)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	transport, err := t.signing(ctx, client.Transport)
	if err != nil {
		return nil, err
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, stream.RedactError(fetch.WithoutAddress(err, nil), t.keys()...)
	}
	if res.StatusCode != http.StatusOK {
		res.Body = fetch.Watch(res.Body, fetch.AnswerTimeout)
		defer res.Body.Close()
		return nil, t.refused(res)
	}
	return fetch.Watch(res.Body, longestSilence), nil
}

// request makes the request for the stream. The phrases to track are in its body, because servers
// limit the length of a query.
func (t *Source) request(ctx context.Context) (*http.Request, error) {
	if t.Base != "" && text.WebAddress(t.Base) == "" {
		return nil, errors.New("the base address must be like https://gateway.example")
	}
	params := url.Values{"stall_warnings": {"true"}}
	if len(t.Languages) > 0 {
		params.Set("language", strings.Join(t.Languages, ","))
	}
	method, path, body := http.MethodGet, "/1.1/statuses/sample.json?"+params.Encode(), ""
	if !t.Sample {
		track := splitPhrases(t.Track)
		if err := checkTrack(track); err != nil {
			return nil, err
		}
		params.Set("track", strings.Join(track, ","))
		method, path, body = http.MethodPost, "/1.1/statuses/filter.json", params.Encode()
	}
	base := strings.TrimRight(cmp.Or(t.Base, address), "/")
	req, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("User-Agent", fetch.UserAgent)
	}
	return req, err
}

// signing returns a transport that signs requests with the keys. Without keys, which only a
// gateway permits, it returns next itself.
func (t *Source) signing(ctx context.Context, next http.RoundTripper) (http.RoundTripper, error) {
	if next == nil {
		next = http.DefaultTransport
	}
	missing := t.missingKey()
	switch {
	case missing == "":
		config := oauth1.NewConfig(string(t.ConsumerKey), string(t.ConsumerSecret))
		under := context.WithValue(ctx, oauth1.HTTPClient, &http.Client{Transport: next})
		return config.Client(under, oauth1.NewToken(string(t.AccessToken), string(t.AccessSecret))).Transport, nil
	case t.Base == "" || cmp.Or(t.keys()...) != "":
		return nil, stream.Permanent(stream.WithFault(stream.FaultRefused, fmt.Errorf("the %s is missing", missing)))
	}
	return next, nil
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

// refused returns the error of a response that is no stream, with advice for the operator.
func (t *Source) refused(res *http.Response) error {
	err := fetch.Refusal(res, isOwnError, t.keys()...)
	if !stream.IsPermanent(err) {
		return err
	}
	switch res.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		if t.Base != "" {
			return fmt.Errorf("%w (the gateway refuses: check its address and the keys)", err)
		}
		return fmt.Errorf("%w (retired by X: it has shut the streams of v1.1; use --source x. "+
			"This source still reads a compatible gateway, by its base address, and replays recorded files)", err)
	}
	return err
}
