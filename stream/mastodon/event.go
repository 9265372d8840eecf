package mastodon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nagare/stream"
)

// mastoEvent is a message of a stream, as far as it matters here.
type event struct {
	kind    stream.Kind // Create, Update or Destroy; empty if there is nothing to do
	status  *status
	deleted string // the local id of what was deleted
}

// mastoIgnored are the events that are news for the owner of the token only.
var ignoredEvents = []string{
	"filters_changed", "notification", "notifications_merged", "conversation", "announcement", "announcement.reaction",
	"announcement.delete", "encrypted_message", "pleroma:chat_update", "pleroma:respond", "message",
}

// errUnknownEvent is about an event that no server that we know of sends.
var errUnknownEvent = errors.New("an unknown event")

// errOddField comes with an event that can be used without that field.
var errOddField = errors.New("a field of another type")

// decodeMastoEvent reads a message. The data is a document or, with some servers, a
// string that holds one.
func decodeEvent(name string, data []byte) (event, error) {
	switch name {
	case "update":
		return decodePost(stream.Create, data)
	case "status.update":
		return decodePost(stream.Update, data)
	case "delete":
		id := strings.Trim(string(bytes.TrimSpace(data)), `"`)
		if id == "" || len(id) > 64 {
			return event{}, errors.New("a delete without an id")
		}
		return event{kind: stream.Destroy, deleted: id}, nil
	}
	if !slices.Contains(ignoredEvents, name) {
		return event{}, errUnknownEvent
	}
	return event{}, nil
}

func decodePost(kind stream.Kind, data []byte) (event, error) {
	if data = bytes.TrimSpace(data); bytes.HasPrefix(data, []byte(`"`)) {
		var inner string
		if err := json.Unmarshal(data, &inner); err != nil {
			return event{}, err
		}
		data = []byte(inner)
	}
	var status status
	err := unmarshal(data, &status)
	switch {
	case err != nil && !errors.Is(err, errOddField):
		return event{}, err
	case !status.valid():
		return event{}, errors.New("a status without an id or an author")
	}
	status.openQuotes()
	return event{kind: kind, status: &status}, err
}

// unmarshalMasto fills into with what of a document has the form that is expected. If
// something has another, the error is errOddField.
func unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w: %s", errOddField, wrong.Field)
	}
	return err
}

// mastoStatus is a post.
type status struct {
	ID         statusID        `json:"id"`  // at this server
	URI        string          `json:"uri"` // everywhere
	URL        string          `json:"url"`
	CreatedAt  string          `json:"created_at"`
	EditedAt   string          `json:"edited_at"`
	Visibility string          `json:"visibility"`
	Language   string          `json:"language"`
	Warning    string          `json:"spoiler_text"`
	Sensitive  bool            `json:"sensitive"`
	Content    string          `json:"content"`
	Account    account         `json:"account"`
	Reblog     *status         `json:"reblog"`
	Media      []attachment    `json:"media_attachments"`
	Mentions   []mention       `json:"mentions"`
	Emojis     []customEmoji   `json:"emojis"`
	Poll       *poll           `json:"poll"`
	Card       *linkPreview    `json:"card"`
	RawQuote   json.RawMessage `json:"quote"`
	Answers    statusID        `json:"in_reply_to_account_id"`

	quote *quote // RawQuote, once it is read
}

type account struct {
	ID       statusID      `json:"id"`
	URI      string        `json:"uri"`
	URL      string        `json:"url"`
	Username string        `json:"username"`
	Acct     string        `json:"acct"`
	Name     string        `json:"display_name"`
	Avatar   string        `json:"avatar"`
	Still    string        `json:"avatar_static"` // the same, if it moves
	Emojis   []customEmoji `json:"emojis"`
}

type mention struct {
	ID   statusID `json:"id"`
	URL  string   `json:"url"`
	Acct string   `json:"acct"`
}

type customEmoji struct {
	Code  string `json:"shortcode"`
	URL   string `json:"url"`
	Still string `json:"static_url"` // the same, if it moves
}

// valid reports whether there is a post at all.
func (s *status) valid() bool {
	return s.ID != "" && s.Account.Acct+s.Account.Username != "" && (s.Reblog == nil || s.Reblog.valid())
}

// open reads what may have to be read of a post that is shown.
func (s *status) openQuotes() {
	s.openQuote()
	if s.Reblog != nil {
		s.Reblog.openQuote()
	}
}

// mastoID is an id: a string, or with some servers a number.
type statusID string

// UnmarshalJSON takes either, and null for none.
func (id *statusID) UnmarshalJSON(data []byte) error {
	switch {
	case data[0] == '"':
		return json.Unmarshal(data, (*string)(id))
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		*id = statusID(data)
	}
	return nil
}

// before reports whether a post is older than another of the same server: ids grow,
// in length and then as text.
func (id statusID) before(other statusID) bool {
	if len(id) != len(other) {
		return len(id) < len(other)
	}
	return id < other
}
