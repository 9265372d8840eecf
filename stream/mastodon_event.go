package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// mastoEvent is a message of a stream, as far as it matters here.
type mastoEvent struct {
	kind    Kind // Create, Update or Destroy; empty if there is nothing to do
	status  *mastoStatus
	deleted string // the local id of what was deleted
}

// mastoIgnored are the events that are news for the owner of the token only.
var mastoIgnored = setOf("filters_changed notification notifications_merged conversation " +
	"announcement announcement.reaction announcement.delete encrypted_message pleroma:chat_update pleroma:respond message")

// errUnknownEvent is about an event that no server that we know of sends.
var errUnknownEvent = errors.New("an unknown event")

// errOddField comes with an event that can be used without that field.
var errOddField = errors.New("a field of another type")

// decodeMastoEvent reads a message. The data is a document or, with some servers, a
// string that holds one.
func decodeMastoEvent(name string, data []byte) (mastoEvent, error) {
	switch name {
	case "update":
		return decodeMastoPost(Create, data)
	case "status.update":
		return decodeMastoPost(Update, data)
	case "delete":
		id := strings.Trim(string(bytes.TrimSpace(data)), `"`)
		if id == "" || len(id) > 64 {
			return mastoEvent{}, errors.New("a delete without an id")
		}
		return mastoEvent{kind: Destroy, deleted: id}, nil
	}
	if !mastoIgnored[name] {
		return mastoEvent{}, errUnknownEvent
	}
	return mastoEvent{}, nil
}

func decodeMastoPost(kind Kind, data []byte) (mastoEvent, error) {
	if data = bytes.TrimSpace(data); bytes.HasPrefix(data, []byte(`"`)) {
		var inner string
		if err := json.Unmarshal(data, &inner); err != nil {
			return mastoEvent{}, err
		}
		data = []byte(inner)
	}
	var status mastoStatus
	err := unmarshalMasto(data, &status)
	switch {
	case err != nil && !errors.Is(err, errOddField):
		return mastoEvent{}, err
	case !status.valid():
		return mastoEvent{}, errors.New("a status without an id or an author")
	}
	status.open()
	return mastoEvent{kind: kind, status: &status}, err
}

// unmarshalMasto fills into with what of a document has the form that is expected. If
// something has another, the error is errOddField.
func unmarshalMasto(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w: %s", errOddField, wrong.Field)
	}
	return err
}

// mastoStatus is a post.
type mastoStatus struct {
	ID         mastoID         `json:"id"`  // at this server
	URI        string          `json:"uri"` // everywhere
	URL        string          `json:"url"`
	CreatedAt  string          `json:"created_at"`
	EditedAt   string          `json:"edited_at"`
	Visibility string          `json:"visibility"`
	Language   string          `json:"language"`
	Warning    string          `json:"spoiler_text"`
	Sensitive  bool            `json:"sensitive"`
	Content    string          `json:"content"`
	Account    mastoAccount    `json:"account"`
	Reblog     *mastoStatus    `json:"reblog"`
	Media      []mastoMedia    `json:"media_attachments"`
	Mentions   []mastoMention  `json:"mentions"`
	Emojis     []mastoEmoji    `json:"emojis"`
	Poll       *mastoPoll      `json:"poll"`
	Card       *mastoCard      `json:"card"`
	RawQuote   json.RawMessage `json:"quote"`
	Answers    mastoID         `json:"in_reply_to_account_id"`

	quote *mastoQuote // RawQuote, once it is read
}

type mastoAccount struct {
	ID       mastoID      `json:"id"`
	URI      string       `json:"uri"`
	URL      string       `json:"url"`
	Username string       `json:"username"`
	Acct     string       `json:"acct"`
	Name     string       `json:"display_name"`
	Avatar   string       `json:"avatar"`
	Still    string       `json:"avatar_static"` // the same, if it moves
	Emojis   []mastoEmoji `json:"emojis"`
}

type mastoMention struct {
	ID   mastoID `json:"id"`
	URL  string  `json:"url"`
	Acct string  `json:"acct"`
}

type mastoEmoji struct {
	Code  string `json:"shortcode"`
	URL   string `json:"url"`
	Still string `json:"static_url"` // the same, if it moves
}

// valid reports whether there is a post at all.
func (s *mastoStatus) valid() bool {
	return s.ID != "" && s.Account.Acct+s.Account.Username != "" && (s.Reblog == nil || s.Reblog.valid())
}

// open reads what may have to be read of a post that is shown.
func (s *mastoStatus) open() {
	s.openQuote()
	if s.Reblog != nil {
		s.Reblog.openQuote()
	}
}

// mastoID is an id: a string, or with some servers a number.
type mastoID string

// UnmarshalJSON takes either, and null for none.
func (id *mastoID) UnmarshalJSON(data []byte) error {
	switch {
	case data[0] == '"':
		return json.Unmarshal(data, (*string)(id))
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		*id = mastoID(data)
	}
	return nil
}

// before reports whether a post is older than another of the same server: ids grow,
// in length and then as text.
func (id mastoID) before(other mastoID) bool {
	if len(id) != len(other) {
		return len(id) < len(other)
	}
	return id < other
}
