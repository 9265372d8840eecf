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

// event is an event of a stream.
type event struct {
	kind    stream.Kind // Create, Update or Destroy; empty if the event has no effect
	status  *status
	deleted string // local id of the deleted post
}

// ignoredEvents are about the owner of the token, not about public posts.
var ignoredEvents = []string{
	"filters_changed", "notification", "notifications_merged", "conversation", "announcement", "announcement.reaction",
	"announcement.delete", "encrypted_message", "pleroma:chat_update", "pleroma:respond", "message",
}

// errUnknownEvent means that an event has a name that no known server uses.
var errUnknownEvent = errors.New("an unknown event")

// errWrongType means that a field was left out because its value has the wrong type. The rest
// of the document is usable.
var errWrongType = errors.New("a field of another type")

// decodeEvent decodes an event. The data of a post is a JSON object; some servers send a JSON
// string that contains the object.
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
	case err != nil && !errors.Is(err, errWrongType):
		return event{}, err
	case !status.valid():
		return event{}, errors.New("a status without an id or an author")
	}
	status.decodeQuote()
	if status.Reblog != nil {
		status.Reblog.decodeQuote()
	}
	return event{kind: kind, status: &status}, err
}

// unmarshal decodes the fields that have the expected type. If one has another type, the error
// is errWrongType.
func unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w: %s", errWrongType, wrong.Field)
	}
	return err
}

// status is a post in the form of the API.
type status struct {
	ID               statusID        `json:"id"`  // differs from server to server
	URI              string          `json:"uri"` // the same at all servers
	URL              string          `json:"url"`
	CreatedAt        string          `json:"created_at"`
	EditedAt         string          `json:"edited_at"`
	Visibility       string          `json:"visibility"`
	Audience         audience        `json:"visibility_ex"` // of kmyblue: may be "login" though visibility is public
	LocalOnly        restriction     `json:"local_only"`    // glitch-soc, Hometown, GoToSocial
	MisskeyLocalOnly restriction     `json:"localOnly"`     // Misskey and its forks
	Language         string          `json:"language"`
	Warning          string          `json:"spoiler_text"`
	Sensitive        bool            `json:"sensitive"`
	Content          string          `json:"content"`
	Account          account         `json:"account"`
	Reblog           *status         `json:"reblog"`
	Media            []attachment    `json:"media_attachments"`
	Mentions         []mention       `json:"mentions"`
	Tags             []hashtag       `json:"tags"`
	Emojis           []customEmoji   `json:"emojis"`
	Poll             *poll           `json:"poll"`
	Card             *linkPreview    `json:"card"`
	RawQuote         json.RawMessage `json:"quote"`
	Pleroma          pleroma         `json:"pleroma"`
	ReplyTo          statusID        `json:"in_reply_to_account_id"`
	ReplyToPost      statusID        `json:"in_reply_to_id"`

	quote *quote // set by decodeQuote, from RawQuote or Pleroma.Quote
}

type account struct {
	ID       statusID      `json:"id"`
	URI      string        `json:"uri"`
	URL      string        `json:"url"`
	Username string        `json:"username"`
	Acct     string        `json:"acct"` // name@domain; a server omits its own domain
	Name     string        `json:"display_name"`
	Avatar   string        `json:"avatar"`
	Still    string        `json:"avatar_static"` // without animation
	Emojis   []customEmoji `json:"emojis"`
	NoIndex  bool          `json:"noindex"` // the author asks search engines not to list their posts; can be null
	Bot      bool          `json:"bot"`
}

type mention struct {
	ID   statusID `json:"id"`
	URL  string   `json:"url"`
	Acct string   `json:"acct"`
}

type customEmoji struct {
	Code  string `json:"shortcode"`
	URL   string `json:"url"`
	Still string `json:"static_url"` // without animation
}

// pleroma is the fields that only Pleroma sends.
type pleroma struct {
	Quote        json.RawMessage `json:"quote"`
	QuoteVisible *bool           `json:"quote_visible"`
}

// valid reports whether s has the fields without which a post can't be shown.
func (s *status) valid() bool {
	return s.ID != "" && s.Account.Acct+s.Account.Username != "" && (s.Reblog == nil || s.Reblog.valid())
}

// statusID is the local id of a post or an account: a string or, at some servers, a number.
type statusID string

// UnmarshalJSON accepts a string, a number, and null.
func (id *statusID) UnmarshalJSON(data []byte) error {
	switch {
	case data[0] == '"':
		return json.Unmarshal(data, (*string)(id))
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		*id = statusID(data)
	}
	return nil
}

// before reports whether id is older than other, an id of the same server. A newer id is
// longer, or has the same length and is later in the alphabet.
func (id statusID) before(other statusID) bool {
	if len(id) != len(other) {
		return len(id) < len(other)
	}
	return id < other
}
