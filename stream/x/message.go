package x

import (
	"encoding/json"
	"errors"
	"strings"
)

// message is a line of the stream or a response of the post lookup: a post, the objects it
// refers to, and errors.
type message struct {
	Data     post       `json:"data"`
	Includes includes   `json:"includes"`
	Errors   []apiError `json:"errors"`
	Rules    []rule     `json:"matching_rules"`
	apiError            // set if the line is only an error
}

type includes struct {
	Users []user  `json:"users"`
	Posts []post  `json:"tweets"`
	Media []media `json:"media"`
	Polls []poll  `json:"polls"`
}

type post struct {
	ID          string      `json:"id"`
	Text        string      `json:"text"`
	AuthorID    string      `json:"author_id"`
	CreatedAt   string      `json:"created_at"`
	Lang        string      `json:"lang"`
	Versions    []string    `json:"edit_history_tweet_ids"` // oldest first; includes this post's id
	Entities    entities    `json:"entities"`
	Note        note        `json:"note_tweet"`
	Article     article     `json:"article"`
	Attachments attachments `json:"attachments"`
	References  []reference `json:"referenced_tweets"`
	ReplyTo     string      `json:"in_reply_to_user_id"`
	Shown       []int       `json:"display_text_range"`
	Sensitive   bool        `json:"possibly_sensitive"`
	Withheld    withheld    `json:"withheld"`
}

// note has the whole text of a long post. The field text of the post has only its beginning.
type note struct {
	Text     string   `json:"text"`
	Entities entities `json:"entities"`
}

// article is a long text that has a page of its own at X. The text of its post is only a link
// to that page.
type article struct {
	Title string `json:"title"`
}

type attachments struct {
	MediaKeys []string `json:"media_keys"`
	PollIDs   []string `json:"poll_ids"`
}

type reference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type withheld struct {
	Countries []string `json:"country_codes"`
	Scope     string   `json:"scope"`
}

type user struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Username  string   `json:"username"`
	Avatar    string   `json:"profile_image_url"`
	Protected bool     `json:"protected"`
	Withheld  withheld `json:"withheld"`
}

// entities are the marked parts of a text. Annotations are not decoded: they are X's guesses at
// the meaning of words.
type entities struct {
	URLs     []link    `json:"urls"`
	Mentions []mention `json:"mentions"`
	Hashtags []tag     `json:"hashtags"`
	Cashtags []tag     `json:"cashtags"`
}

// textRange is the range of an entity, in code points of the text as it was sent, HTML escapes
// included.
type textRange struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

type link struct {
	textRange
	URL         string  `json:"url"`
	Expanded    string  `json:"expanded_url"`
	Display     string  `json:"display_url"`
	Unwound     string  `json:"unwound_url"`
	MediaKey    string  `json:"media_key"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Images      []image `json:"images"`
}

type image struct {
	URL string `json:"url"`
}

type mention struct {
	textRange
	ID       string `json:"id"`
	Username string `json:"username"`
}

type tag struct {
	textRange
	Tag string `json:"tag"`
}

type media struct {
	Key      string    `json:"media_key"`
	Type     string    `json:"type"`
	URL      string    `json:"url"`
	Preview  string    `json:"preview_image_url"`
	Alt      string    `json:"alt_text"`
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Variants []Variant `json:"variants"`
}

// Variant is one file of a video, or a playlist, which has no bit rate.
type Variant struct {
	BitRate     int    `json:"bit_rate"`
	Bitrate     int    `json:"bitrate"` // the name of bit_rate in the API v1.1
	ContentType string `json:"content_type"`
	URL         string `json:"url"`
}

type poll struct {
	ID      string       `json:"id"`
	Options []pollOption `json:"options"`
	EndsAt  string       `json:"end_datetime"`
	Status  string       `json:"voting_status"`
}

type pollOption struct {
	Position int    `json:"position"`
	Label    string `json:"label"`
	Votes    *int   `json:"votes"`
}

// apiError is an error of the X API.
type apiError struct {
	Title      string   `json:"title"`
	Detail     string   `json:"detail"`
	Details    []string `json:"details"` // only of a refused rule
	Type       string   `json:"type"`    // an address that ends with the name of the problem
	Value      string   `json:"value"`
	ID         string   `json:"id"` // of the rule that is there already, if this one is a duplicate
	ResourceID string   `json:"resource_id"`
	Connection string   `json:"connection_issue"`
	Disconnect string   `json:"disconnect_type"`
}

// problem is the short name of the error, from Type.
func (e apiError) problem() string { return e.Type[strings.LastIndexByte(e.Type, '/')+1:] }

// unavailableID is the id of a post that X reports as deleted or not to be shown; "" if the
// error is another.
func (e apiError) unavailableID() string {
	switch e.problem() {
	case "resource-not-found", "not-authorized-for-resource", "disallowed-resource":
		if e.ResourceID != "" {
			return e.ResourceID
		}
		return e.Value
	}
	return ""
}

// decode decodes a line of the stream; see unmarshal for the results.
func decode(line []byte) (m message, badField string, err error) {
	badField, err = unmarshal(line, &m)
	return m, badField, err
}

// unmarshal decodes a document into into. It ignores fields of an unexpected type, and returns
// the name of the first such field.
func unmarshal(doc []byte, into any) (badField string, err error) {
	err = json.Unmarshal(doc, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field, nil
	}
	return "", err
}

// valid reports whether the message has a post.
func (p post) valid() bool { return isID(p.ID) && (p.Text != "" || p.AuthorID != "") }

// isID reports whether an id has the form of X's ids: up to 19 digits.
func isID(id string) bool {
	return id != "" && len(id) <= 19 && strings.Trim(id, "0123456789") == ""
}
