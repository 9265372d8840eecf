package web

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"nagare/stream"
)

// postSource is the Source of posts that are published by POST /streaming.
const postSource = "post"

// form is a request to publish a post. Its fields have the names that clients have used since
// 2013.
type form struct {
	ID         postID `json:"id"`
	Text       string `json:"text"`
	ScreenName string `json:"screen_name"`
	IconURL    string `json:"icon_url"`
}

// postID is the id of a post, which in JSON is either a string or a number.
type postID string

// UnmarshalJSON keeps the digits of a number as text, because a float64 can't hold long ids
// exactly.
func (id *postID) UnmarshalJSON(raw []byte) error {
	if raw[0] != '"' {
		*id = postID(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(id))
}

// parseForm parses tweet[text]=…&tweet[screen_name]=…, the format of Rails' form helpers.
func parseForm(body []byte) (form, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return form{}, refuse(http.StatusBadRequest, "form", "the form is malformed")
	}
	return form{
		ID:         postID(values.Get("tweet[id]")),
		Text:       values.Get("tweet[text]"),
		ScreenName: values.Get("tweet[screen_name]"),
		IconURL:    values.Get("tweet[icon_url]"),
	}, nil
}

// parseJSON parses {"tweet":{…}}, or the inner object alone.
func parseJSON(body []byte) (form, error) {
	var given struct {
		form
		Tweet *form `json:"tweet"`
	}
	if err := json.Unmarshal(body, &given); err != nil || bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return form{}, refuse(http.StatusBadRequest, "json", `want one object: {"tweet":{"text":"…","screen_name":"…"}}`)
	}
	if given.Tweet != nil {
		return *given.Tweet, nil
	}
	return given.form, nil
}

var goodPostID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,64}$`)

// post validates the form and converts it to a post.
func (f form) post() (*stream.Post, error) {
	id, handle := string(f.ID), visible(strings.TrimPrefix(oneLine(f.ScreenName), "@"))
	if id == "" || id == "null" {
		id = rand.Text()
	}
	switch {
	case !utf8.ValidString(f.Text + f.ScreenName):
		return nil, refuse(http.StatusBadRequest, "encoding", "want UTF-8")
	case isBlank(clean(f.Text)):
		return nil, refuse(http.StatusBadRequest, "text", "text is missing")
	case handle == "":
		return nil, refuse(http.StatusBadRequest, "screen_name", "screen_name is missing")
	case !goodPostID.MatchString(id):
		return nil, refuse(http.StatusBadRequest, "id", "want an id of 1 to 64 letters, digits and . _ ~ -")
	}
	return &stream.Post{
		ID: postSource + ":" + id, Source: postSource, CreatedAt: time.Now(),
		Author: stream.Author{Handle: handle, Avatar: f.IconURL},
		Text:   toText(f.Text),
	}, nil
}

// toText converts a plain text to segments.
func toText(text string) []stream.Segment {
	var out []stream.Segment
	text = strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n")
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			out = append(out, stream.Segment{Kind: stream.Break, Text: "\n"})
		}
		if line != "" {
			out = append(out, stream.Segment{Text: line})
		}
	}
	return out
}
