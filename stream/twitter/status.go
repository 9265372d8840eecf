package twitter

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
	"nagare/stream/x"
)

// status is a post as the stream sends it.
type status struct {
	ID          number `json:"id"`
	IDStr       number `json:"id_str"`
	CreatedAt   string `json:"created_at"`
	TimestampMs number `json:"timestamp_ms"`
	User        *user  `json:"user"`
	Lang        string `json:"lang"`
	Sensitive   bool   `json:"possibly_sensitive"`

	statusText
	Extended *statusText `json:"extended_tweet"` // has the whole text if the text of the status is truncated

	ReplyToHandle  string   `json:"in_reply_to_screen_name"`
	ReplyToID      number   `json:"in_reply_to_status_id"`
	ReplyToIDStr   number   `json:"in_reply_to_status_id_str"`
	ReplyToUser    number   `json:"in_reply_to_user_id"`
	ReplyToUserStr number   `json:"in_reply_to_user_id_str"`
	Reposted       *status  `json:"retweeted_status"`
	Quoted         *status  `json:"quoted_status"`
	QuotedID       number   `json:"quoted_status_id"`
	QuotedIDStr    number   `json:"quoted_status_id_str"`
	WithheldIn     []string `json:"withheld_in_countries"`
	WithheldRights bool     `json:"withheld_copyright"`
}

func (s *status) id() number { return cmp.Or(s.IDStr, s.ID) }

func (s *status) key() string { return keyOf(s.IDStr, s.ID) }

// body returns the whole text with its entities. The truncated text has entities of its own,
// whose offsets are different.
func (s *status) body() statusText {
	if s.Extended != nil && (s.Extended.Full != "" || s.Extended.Text != "") {
		return *s.Extended
	}
	return s.statusText
}

// op returns the op of a post. For a repost it shows the inner post and names the reposter; the
// text of the repost itself is only a truncated copy.
func (s *status) op(country string) (stream.Op, error) {
	shown := s
	if s.Reposted != nil {
		shown = s.Reposted
	}
	for _, each := range []*status{s, shown} {
		if err := each.validate(); err != nil {
			return stream.Op{}, err
		}
		if op := each.removal(country); op.Kind != "" {
			op.At = s.sentAt()
			return op, nil
		}
	}
	op := stream.Op{Kind: stream.Create, At: s.sentAt(), ID: s.key(), Post: shown.post(country)}
	if shown != s {
		by := s.User.author()
		op.Post.RepostedBy = &by
	}
	return op, nil
}

// validate returns an error if the post lacks an id or an author: without both, a later delete
// could not be applied.
func (s *status) validate() error {
	switch {
	case s.key() == "":
		return errors.New("post without an id")
	case s.User == nil || s.User.key() == "" || s.User.Handle == "":
		return errors.New("post without an author")
	}
	return nil
}

// removal returns the op that removes a post which must not be shown in country; Kind is "" if
// the post can be shown.
func (s *status) removal(country string) stream.Op {
	switch {
	case s.User != nil && text.WithheldIn(s.User.WithheldIn, country):
		return stream.Op{Kind: stream.AuthorGone, Author: &stream.Author{Key: s.User.key()}, Reason: stream.ByNetwork}
	case s.WithheldRights && len(s.WithheldIn) == 0, text.WithheldIn(s.WithheldIn, country):
		return stream.Op{Kind: stream.Destroy, ID: s.key(), Reason: stream.ByNetwork}
	case s.User != nil && s.User.Protected:
		return stream.Op{Kind: stream.Destroy, ID: s.key(), Reason: stream.Unavailable}
	}
	return stream.Op{}
}

// sentAt is when the server sent the post; without such a time, it is when the post was
// written.
func (s *status) sentAt() time.Time {
	if at := s.TimestampMs.time(); !at.IsZero() {
		return at
	}
	return s.created()
}

func (s *status) created() time.Time {
	at, err := time.Parse(time.RubyDate, s.CreatedAt)
	if err != nil || at.Year() < 1 || at.Year() > 9999 { // such a year can't be encoded in JSON
		return x.IDTime(string(s.id()))
	}
	return at.UTC()
}

// post converts the status, with the post that it quotes.
func (s *status) post(country string) *stream.Post {
	quote := s.quote(country)
	t := s.postWithout(quote)
	t.Quote = quote
	return t
}

// postWithout converts the status, except for its quote. If quote has a post that is shown, the
// text doesn't contain its address.
func (s *status) postWithout(quote *stream.Quote) *stream.Post {
	body := s.body()
	media, missing := body.attachedMedia()
	t := &stream.Post{
		ID:          s.key(),
		Source:      "twitter",
		URL:         x.PostURL(s.User.Handle, string(s.id())),
		CreatedAt:   s.created(),
		Lang:        x.Language(s.Lang),
		Author:      s.User.author(),
		Sensitive:   s.Sensitive,
		Media:       media,
		Poll:        body.poll(),
		WithheldIn:  text.Countries(s.WithheldIn, s.User.WithheldIn),
		Unsupported: missing,
	}
	var quoted string
	if quote != nil && quote.Post != nil {
		quoted = string(s.Quoted.id())
	}
	t.Text = body.segments(quoted)
	t.ReplyTo = s.reply()
	return t
}

// reply returns the post or the author that the post replies to; nil if it is no reply.
func (s *status) reply() *stream.Reply {
	reply := &stream.Reply{Key: keyOf(s.ReplyToUserStr, s.ReplyToUser), Handle: s.ReplyToHandle}
	switch id := cmp.Or(s.ReplyToIDStr, s.ReplyToID); {
	case id != "":
		reply.URL = x.PostURL(reply.Handle, string(id))
	case reply.Handle != "":
		reply.URL = profileURL(reply.Handle)
	default:
		return nil
	}
	return reply
}

// quote returns the quote of the post; nil if the post has none. Post is nil if the message
// lacks the quoted post, or if the quoted post must not be shown; in the second case URL is
// empty too.
func (s *status) quote(country string) *stream.Quote {
	if s.Quoted != nil && s.Quoted.validate() == nil {
		q := &stream.Quote{ID: s.Quoted.key()}
		if s.Quoted.removal(country).Kind == "" {
			q.Post = s.Quoted.postWithout(nil)
			q.URL = q.Post.URL
		}
		return q
	}
	if key := keyOf(s.QuotedIDStr, s.QuotedID); key != "" {
		return &stream.Quote{ID: key, URL: x.PostURL("", strings.TrimPrefix(key, "twitter:"))}
	}
	return nil
}
