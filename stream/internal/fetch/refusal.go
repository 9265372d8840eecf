package fetch

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// Shape reports whether the body of an error response is one that the API of a network sends.
type Shape func(res *http.Response, body []byte) bool

// Object is the shape of a JSON object that has at least one of the fields.
func Object(fields ...string) Shape {
	return func(_ *http.Response, body []byte) bool {
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) != nil {
			return false
		}
		for _, field := range fields {
			if _, ok := object[field]; ok {
				return true
			}
		}
		return false
	}
}

// Refusal returns an error for a response other than 200. The error is [stream.Permanent] if
// the same request would fail again, because the request or its credentials are wrong, and if
// the API itself says so. A proxy or a challenge page in front of the API also answers 403 or
// 404, but only for some time. The server may have quoted the request, so the secrets and the
// credentials of the request are redacted.
func Refusal(res *http.Response, isOwn Shape, secrets ...stream.Secret) error {
	// 64 KiB are so many that a secret cut off at their end is not among the 200 characters kept.
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	said := stream.Redact(summary(string(body)), append(credentials(res.Request), secrets...)...)
	err := &stream.StatusError{Code: res.StatusCode, Text: text.Truncate(said, 200), Wait: waitOf(res.Header), Foreign: !isOwn(res, body)}
	if err.IsRefusal() && !err.Foreign {
		return stream.Permanent(err)
	}
	return err
}

var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title`)

// summary returns a body as one line. Of a web page it returns only the title.
func summary(body string) string {
	body = strings.TrimSpace(strings.TrimPrefix(body, "\ufeff"))
	if !strings.HasPrefix(body, "<") {
		return text.OneLine(body)
	}
	if title := pageTitle.FindStringSubmatch(body); title != nil {
		if words := strings.TrimSpace(text.OneLine(html.UnescapeString(title[1]))); words != "" {
			return "a web page, “" + words + "”"
		}
	}
	return "a web page"
}

// credentials returns the secrets in the Authorization header of a request: a token, or a
// signature of OAuth.
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
