package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"nagare/stream"
	"nagare/stream/internal/fetch"
)

const (
	pageSize      = 40               // the most posts that a server gives at once
	longestAnswer = 16 << 20         // bytes of an answer
	answerTimeout = 30 * time.Second // for a whole answer
)

// mastoAPI asks a server.
type apiClient struct {
	instance
	server   *url.URL
	timeline timeline
	name     string // of the timeline
	token    string
	client   *http.Client
	own      bool // the client's connections are nobody else's
}

// mastoHome is what a server says of itself.
type instance struct {
	streaming *url.URL // where its streams are
	domain    string   // what its users are named after
}

func (m *Source) api() (*apiClient, error) {
	server, err := parseServer(m.Server)
	if err != nil {
		return nil, err
	}
	timeline, err := parseTimeline(m.Timeline)
	if err != nil {
		return nil, err
	}
	a := &apiClient{
		instance: instance{streaming: server, domain: server.Host},
		server:   server, timeline: timeline, name: cmp.Or(m.Timeline, "public"), token: string(m.Token),
		client: fetch.NewClient(), own: m.Client == nil,
	}
	if m.Client != nil { // net/http would carry the token to a host below this one
		careful := *m.Client
		careful.CheckRedirect = a.client.CheckRedirect
		a.client = &careful
	}
	return a, nil
}

func (a *apiClient) close() {
	if a.own {
		a.client.CloseIdleConnections()
	}
}

// discover asks where the streams are. A server that doesn't say has them itself.
func (a *apiClient) discover(ctx context.Context) error {
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} {
		var doc struct {
			Domain        string `json:"domain"`
			Configuration struct {
				URLs struct {
					Streaming string `json:"streaming"`
				} `json:"urls"`
			} `json:"configuration"`
			URLs struct {
				Streaming string `json:"streaming_api"`
			} `json:"urls"` // v1
		}
		err := a.get(ctx, path, nil, &doc)
		if isNoDocument(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("instance: %w", a.explain(err))
		}
		a.domain = cmp.Or(doc.Domain, a.domain)
		a.streaming = a.streamingAt(cmp.Or(doc.Configuration.URLs.Streaming, doc.URLs.Streaming))
		return nil
	}
	return nil
}

// isNoDocument reports whether the server has answered, but not with what was asked
// for: it doesn't know it, keeps it from us, or shows a page to people.
func isNoDocument(err error) bool {
	var syntax *json.SyntaxError
	return stream.IsPermanent(err) || errors.As(err, &syntax)
}

// streamingAt makes an address for HTTP of one for WebSockets. One that would send the
// token in the clear isn't taken.
func (a *apiClient) streamingAt(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return a.server
	}
	secure := u.Scheme == "wss" || u.Scheme == "https"
	if !secure && (a.server.Scheme == "https" || u.Scheme != "ws" && u.Scheme != "http") {
		return a.server
	}
	if secure {
		return &url.URL{Scheme: "https", Host: u.Host, Path: "/"}
	}
	return &url.URL{Scheme: "http", Host: u.Host, Path: "/"}
}

// open begins the stream.
func (a *apiClient) open(ctx context.Context) (*http.Response, error) {
	at := a.streaming.JoinPath("/api/v1/streaming", a.timeline.stream)
	req := a.request(ctx, at, a.timeline.query)
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Accept-Encoding", "identity") // what is compressed comes late
	res, err := a.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("stream: %w", fetch.WithoutAddress(err))
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); res.StatusCode == http.StatusOK && kind == "text/event-stream" {
		return res, nil
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return nil, stream.WithFault(stream.FaultUnreadable, errors.New("stream: the answer is no stream; is there a Mastodon server at this address?"))
	}
	return nil, fmt.Errorf("stream: %w", a.explain(fetch.Refusal(res)))
}

// request carries the token in a header, never in the address, which gets into logs.
func (a *apiClient) request(ctx context.Context, at *url.URL, query url.Values) *http.Request {
	to := *at
	to.RawQuery = query.Encode()
	req := (&http.Request{Method: http.MethodGet, URL: &to, Host: to.Host, Header: http.Header{}}).WithContext(ctx)
	req.Header.Set("User-Agent", fetch.UserAgent)
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	return req
}

// get asks for a document. Of one that is not quite as expected, into holds the rest.
func (a *apiClient) get(ctx context.Context, path string, query url.Values, into any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	err := fetch.JSON(a.client, a.request(ctx, a.server.JoinPath(path), query), longestAnswer, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return nil
	}
	return err
}
