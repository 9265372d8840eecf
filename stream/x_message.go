package stream

import (
	"encoding/json"
	"errors"
	"strings"
)

// xMessage is one line of the stream, and one answer of the post lookup: posts,
// what they refer to, and what is wrong.
type xMessage struct {
	Data     xPost     `json:"data"`
	Includes xIncludes `json:"includes"`
	Errors   []xError  `json:"errors"`
	Rules    []xRule   `json:"matching_rules"`
	xError             // where the line is nothing but an error
}

type xIncludes struct {
	Users []xUser  `json:"users"`
	Posts []xPost  `json:"tweets"`
	Media []xMedia `json:"media"`
	Polls []xPoll  `json:"polls"`
}

type xPost struct {
	ID          string       `json:"id"`
	Text        string       `json:"text"`
	AuthorID    string       `json:"author_id"`
	CreatedAt   string       `json:"created_at"`
	Lang        string       `json:"lang"`
	Versions    []string     `json:"edit_history_tweet_ids"` // oldest first, with its own
	Entities    xEntities    `json:"entities"`
	Note        xNote        `json:"note_tweet"`
	Attachments xAttachments `json:"attachments"`
	References  []xReference `json:"referenced_tweets"`
	ReplyTo     string       `json:"in_reply_to_user_id"`
	Shown       []int        `json:"display_text_range"`
	Sensitive   bool         `json:"possibly_sensitive"`
	Withheld    xWithheld    `json:"withheld"`
}

// xNote is the whole of a post of which Text is only the beginning.
type xNote struct {
	Text     string    `json:"text"`
	Entities xEntities `json:"entities"`
}

type xAttachments struct {
	MediaKeys []string `json:"media_keys"`
	PollIDs   []string `json:"poll_ids"`
}

type xReference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type xWithheld struct {
	Countries []string `json:"country_codes"`
	Scope     string   `json:"scope"`
}

type xUser struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Username  string    `json:"username"`
	Avatar    string    `json:"profile_image_url"`
	Protected bool      `json:"protected"`
	Withheld  xWithheld `json:"withheld"`
}

// xEntities are the parts of a text. Annotations are left out: what a program
// thinks that a word means isn't part of the text.
type xEntities struct {
	URLs     []xURL     `json:"urls"`
	Mentions []xMention `json:"mentions"`
	Hashtags []xWord    `json:"hashtags"`
	Cashtags []xWord    `json:"cashtags"`
}

// xPart is where an entity stands: in code points of the text as it was sent.
type xPart struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

type xURL struct {
	xPart
	URL         string   `json:"url"`
	Expanded    string   `json:"expanded_url"`
	Display     string   `json:"display_url"`
	Unwound     string   `json:"unwound_url"`
	MediaKey    string   `json:"media_key"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Images      []xImage `json:"images"`
}

type xImage struct {
	URL string `json:"url"`
}

type xMention struct {
	xPart
	ID       string `json:"id"`
	Username string `json:"username"`
}

type xWord struct {
	xPart
	Tag string `json:"tag"`
}

type xMedia struct {
	Key      string     `json:"media_key"`
	Type     string     `json:"type"`
	URL      string     `json:"url"`
	Preview  string     `json:"preview_image_url"`
	Alt      string     `json:"alt_text"`
	Width    int        `json:"width"`
	Height   int        `json:"height"`
	Variants []xVariant `json:"variants"`
}

// xVariant is a file of a film. A playlist has no bit rate.
type xVariant struct {
	BitRate     int    `json:"bit_rate"`
	Bitrate     int    `json:"bitrate"` // the same in the API v1.1
	ContentType string `json:"content_type"`
	URL         string `json:"url"`
}

type xPoll struct {
	ID      string    `json:"id"`
	Options []xOption `json:"options"`
	EndsAt  string    `json:"end_datetime"`
	Status  string    `json:"voting_status"`
}

type xOption struct {
	Position int    `json:"position"`
	Label    string `json:"label"`
	Votes    *int   `json:"votes"`
}

// xError is what X says of something that is wrong.
type xError struct {
	Title      string   `json:"title"`
	Detail     string   `json:"detail"`
	Details    []string `json:"details"` // of a rule
	Type       string   `json:"type"`    // an address; its last part names the problem
	Value      string   `json:"value"`
	ResourceID string   `json:"resource_id"`
	Connection string   `json:"connection_issue"`
	Disconnect string   `json:"disconnect_type"`
}

// problem is the short name of what is wrong.
func (e xError) problem() string { return e.Type[strings.LastIndexByte(e.Type, '/')+1:] }

// gone is the id of what may not, or no longer, be shown; "" if that is not the error.
func (e xError) gone() string {
	switch e.problem() {
	case "resource-not-found", "not-authorized-for-resource", "disallowed-resource":
		if e.ResourceID != "" {
			return e.ResourceID
		}
		return e.Value
	}
	return ""
}

// decodeX reads a line of the stream.
func decodeX(line []byte) (m xMessage, odd string, err error) {
	odd, err = unmarshalX(line, &m)
	return m, odd, err
}

// unmarshalX fills into with what of a document has the form that is expected.
// What has another is left out; the second result tells where the first such was.
func unmarshalX(doc []byte, into any) (odd string, err error) {
	err = json.Unmarshal(doc, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field, nil
	}
	return "", err
}

// valid reports whether there is a post at all.
func (p xPost) valid() bool { return xNumber(p.ID) && (p.Text != "" || p.AuthorID != "") }

// xNumber reports whether an id has the form of X's: up to 19 digits.
func xNumber(id string) bool {
	return id != "" && len(id) <= 19 && strings.Trim(id, "0123456789") == ""
}
