package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/netclock"
)

const (
	pageSize        = 40               // the most posts that a server returns for one request
	longestResponse = 16 << 20         // in bytes
	responseTimeout = 30 * time.Second // until the last byte of the response
)

// apiClient makes the requests of one connection. It is not changed after the stream is open.
type apiClient struct {
	instance
	server   *url.URL
	timeline timeline
	name     string // of the timeline, as configured
	token    string
	clock    *netclock.Clock // of the server
	rate     *fetch.RateLimit
	client   *http.Client
	own      bool // whether client was made for this apiClient alone
}

// instance has what a server's description of itself says, for use by apiClient.
type instance struct {
	streaming  *url.URL // address of the server that has the streams
	domain     string   // of its users' handles: @user@domain
	onlySocket bool     // the server has no event stream, but a WebSocket
	lacksTags  bool     // the server has no streams of hashtags
	closed     bool     // the server says that it has switched the timeline off
}

func (s *Source) api() (*apiClient, error) {
	server, err := parseServer(s.Server)
	if err != nil {
		return nil, err
	}
	timeline, err := parseTimeline(s.Timeline)
	if err != nil {
		return nil, err
	}
	a := &apiClient{
		instance: instance{streaming: server, domain: server.Host},
		server:   server, timeline: timeline, name: cmp.Or(s.Timeline, "public"), token: string(s.Token), clock: &s.clock, rate: &s.rate,
		client: fetch.NewClient(), own: s.Client == nil,
	}
	if s.Client != nil { // after a redirect, net/http sends the token also to subdomains
		careful := *s.Client
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

// instanceDocument is a server's description of itself.
type instanceDocument struct {
	Domain        string `json:"domain"`
	Source        string `json:"source_url"`
	Configuration struct {
		Access timelinesAccess `json:"timelines_access"`
		URLs   struct {
			Streaming string `json:"streaming"`
		} `json:"urls"`
	} `json:"configuration"`
	URLs struct {
		Streaming string `json:"streaming_api"`
	} `json:"urls"` // in version 1
}

// discover requests the address of the streams. If the server gives none, the streams are at
// its own address.
func (a *apiClient) discover(ctx context.Context) error {
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} {
		var doc instanceDocument
		header, err := a.get(ctx, path, nil, &doc)
		a.clock.Header(header)
		if isUnsupported(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("instance: %w", a.explain(err))
		}
		a.closed = doc.Configuration.Access.isClosed(a.timeline)
		a.lacksTags = strings.Contains(strings.ToLower(doc.Source), "gotosocial")
		a.domain = cmp.Or(doc.Domain, a.domain)
		a.streaming = a.streamingAt(cmp.Or(doc.Configuration.URLs.Streaming, doc.URLs.Streaming))
		return nil
	}
	return nil
}

// isUnsupported reports whether err means that the server doesn't offer the document: the
// server itself refused the request, or what answered has no such page or no JSON.
func isUnsupported(err error) bool {
	var syntax *json.SyntaxError
	var refusal *stream.StatusError
	return stream.IsPermanent(err) || errors.As(err, &syntax) || errors.As(err, &refusal) && refusal.Code == http.StatusNotFound
}

// streamingAt converts the WebSocket address of the streams to an HTTP address. If the server
// itself has TLS, an address without TLS is not used, because others could read the token.
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

// request makes a request that has the token in a header: if the token were in the address, it
// would get into logs.
func (a *apiClient) request(ctx context.Context, at *url.URL, query url.Values) *http.Request {
	to := *at
	to.RawQuery = query.Encode()
	req := (&http.Request{Method: http.MethodGet, URL: &to, Host: to.Host, Header: http.Header{}}).WithContext(ctx)
	req.Header.Set("User-Agent", fetch.UserAgent)
	req.Header.Set("Accept", "application/json") // otherwise Mastodon reports an unknown address as a web page
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	return req
}

// get requests a document and decodes it into into. Fields of the wrong type are left out.
// The result is the header of the response; nil if there is no response.
func (a *apiClient) get(ctx context.Context, path string, query url.Values, into any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, responseTimeout)
	defer cancel()
	header, err := fetch.JSON(a.client, a.request(ctx, a.server.JoinPath(path), query), isOwnError, longestResponse, into)
	a.rate.Header(header)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return header, nil
	}
	return header, err
}

// tag is the hashtag that the posts of the stream must be searched for, because the server has no
// streams of hashtags, and the stream has all public posts; empty if all posts are wanted.
func (a *apiClient) tag() string {
	if !a.lacksTags {
		return ""
	}
	return a.timeline.query.Get("tag")
}
