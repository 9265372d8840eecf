package x

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/netclock"
	"nagare/stream/internal/text"
)

// postFields are the query parameters that ask for all fields of a post that are shown. X sends
// only fields that were asked for.
var postFields = url.Values{
	"tweet.fields": {"article,attachments,author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids," +
		"entities,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,referenced_tweets,withheld"},
	"expansions": {"author_id,attachments.media_keys,attachments.poll_ids,referenced_tweets.id," +
		"referenced_tweets.id.author_id,referenced_tweets.id.attachments.media_keys,in_reply_to_user_id"},
	"user.fields":  {"name,username,profile_image_url,protected,verified,verified_type,withheld"},
	"media.fields": {"type,url,preview_image_url,alt_text,width,height,duration_ms,variants"},
	"poll.fields":  {"options,end_datetime,voting_status"},
}

const (
	streamPath = "/2/tweets/search/stream"
	rulesPath  = "/2/tweets/search/stream/rules"
	lookupPath = "/2/tweets"
)

// apiClient sends requests to the X API. It is safe for concurrent use.
type apiClient struct {
	base   string
	token  stream.Secret
	redact func(string) string // removes the token from a text
	client *http.Client
	clock  *netclock.Clock // corrected by each response
	own    bool            // whether client was made for this apiClient alone
}

func (x *Source) api() apiClient {
	api := apiClient{base: strings.TrimRight(cmp.Or(x.Base, "https://api.x.com"), "/"), token: x.Token, redact: x.redact, client: x.Client, clock: &x.clock}
	if api.client == nil {
		api.client, api.own = fetch.NewClient(), true
	}
	return api
}

func (api apiClient) close() {
	if api.own {
		api.client.CloseIdleConnections()
	}
}

// open opens the stream and returns its body, which fails after longestSilence without data.
func (api apiClient) open(ctx context.Context) (io.ReadCloser, error) {
	res, err := api.do(ctx, http.MethodGet, streamPath, postFields, nil)
	if err != nil {
		return nil, err
	}
	return fetch.Watch(res.Body, longestSilence), nil
}

// ask sends a request and decodes the response, one JSON document of at most 8 MiB, into into.
func (api apiClient) ask(ctx context.Context, method, path string, query url.Values, send, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 2*fetch.AnswerTimeout)
	defer cancel()
	var body io.Reader
	if send != nil {
		doc, err := json.Marshal(send)
		if err != nil {
			return err
		}
		body = bytes.NewReader(doc)
	}
	res, err := api.do(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	doc, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return err
	}
	_, err = unmarshal(doc, into)
	return err
}

// do sends a request. A response other than 200 and 201 is an error.
func (api apiClient) do(ctx context.Context, method, path string, query url.Values, body io.Reader) (*http.Response, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, api.base+path, body)
	if err != nil {
		return nil, stream.Permanent(errors.New("the address of the X API is not one"))
	}
	req.Header.Set("Authorization", "Bearer "+string(api.token))
	req.Header.Set("User-Agent", fetch.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := api.client.Do(req)
	if err != nil {
		return nil, fetch.WithoutAddress(err, req)
	}
	api.clock.Header(res.Header)
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated {
		defer res.Body.Close()
		return nil, api.refused(res)
	}
	return res, nil
}

// isOwnError recognizes an error of the X API.
var isOwnError = fetch.Object("title", "errors")

// refused returns the error of a response. The text of the error is advice for the operator,
// and X's description in place of the JSON document.
func (api apiClient) refused(res *http.Response) error {
	doc, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	res.Body = io.NopCloser(bytes.NewReader(doc))
	err := fetch.Refusal(res, isOwnError)
	var status *stream.StatusError
	if !errors.As(err, &status) || status.Foreign && status.IsRefusal() {
		return err
	}
	var e message
	unmarshal(doc, &e)
	if len(e.Errors) > 0 {
		e.Details = append(e.Details, e.Errors[0].Details...)
	}
	status.Text = strings.Trim(e.advice(status.Code)+": "+e.describe(api.redact), ": ")
	if status.Code == http.StatusConflict { // some of X's servers don't know the new rules yet
		return status
	}
	return err
}

// advice tells the operator what is wrong and what to do about it; "" if the error is none of
// the known ones.
func (e apiError) advice(code int) string {
	switch {
	case code == http.StatusUnauthorized:
		return "X does not know the token; it has to be the bearer token of an app (console.x.com, OAuth 2.0 app-only)"
	case code == http.StatusPaymentRequired:
		return "the app's credits are used up; buy some at console.x.com"
	case code == http.StatusForbidden:
		return "the app may not use this; look at its plan and its project at console.x.com"
	case code == http.StatusConflict:
		return "X says that there are no rules yet"
	case e.Connection == "TooManyConnections":
		return "X allows the app one connection and it is taken: another copy of this program, or another program, uses the same app"
	case e.problem() == "usage-capped":
		return "X sends the app no more posts in this billing period"
	case code == http.StatusTooManyRequests:
		return "X is asked too often"
	}
	return ""
}

// describe returns X's own description, truncated and redacted.
func (e apiError) describe(redact func(string) string) string {
	return text.Truncate(redact(text.OneLine(cmp.Or(strings.Join(e.Details, ", "), e.Detail, e.Title))), 200)
}

// disconnection returns the reason why X ends the stream; nil if e is an error of another kind.
func (e apiError) disconnection(redact func(string) string) error {
	switch {
	case e.Connection == "TooManyConnections":
		return &stream.StatusError{Code: http.StatusTooManyRequests, Text: e.advice(http.StatusTooManyRequests)}
	case e.Connection != "", e.Disconnect != "", e.problem() == "operational-disconnect", e.problem() == "streaming-connection":
		return stream.WithFault(stream.FaultUnreachable, fmt.Errorf("the server ended the stream: %s", e.describe(redact)))
	}
	return nil
}
