package stream

import (
	"cmp"
	"errors"
	"strings"
	"time"
)

// twitterStatus is a post as the stream sends it.
type twitterStatus struct {
	ID          twitterNumber `json:"id"`
	IDStr       twitterNumber `json:"id_str"`
	CreatedAt   string        `json:"created_at"`
	TimestampMs twitterNumber `json:"timestamp_ms"`
	User        *twitterUser  `json:"user"`
	Lang        string        `json:"lang"`
	Sensitive   bool          `json:"possibly_sensitive"`

	twitterText
	Extended *twitterText `json:"extended_tweet"` // the text in full, where the one beside it is cut

	ReplyToHandle  string         `json:"in_reply_to_screen_name"`
	ReplyToID      twitterNumber  `json:"in_reply_to_status_id"`
	ReplyToIDStr   twitterNumber  `json:"in_reply_to_status_id_str"`
	Reposted       *twitterStatus `json:"retweeted_status"`
	Quoted         *twitterStatus `json:"quoted_status"`
	QuotedID       twitterNumber  `json:"quoted_status_id"`
	QuotedIDStr    twitterNumber  `json:"quoted_status_id_str"`
	WithheldIn     []string       `json:"withheld_in_countries"`
	WithheldRights bool           `json:"withheld_copyright"`
}

func (s *twitterStatus) id() twitterNumber { return cmp.Or(s.IDStr, s.ID) }

func (s *twitterStatus) key() string { return twitterKey(s.IDStr, s.ID) }

// body is the whole text, with what belongs to it and to no other: full where there
// is a choice.
func (s *twitterStatus) body() twitterText {
	if s.Extended != nil && (s.Extended.Full != "" || s.Extended.Text != "") {
		return *s.Extended
	}
	return s.twitterText
}

// op is what a post means for the timeline. A repost is about the inner post; of
// the outer one only who and when counts: its text is the inner one's, cut.
func (s *twitterStatus) op(country string) (Op, error) {
	shown := s
	if s.Reposted != nil {
		shown = s.Reposted
	}
	for _, each := range []*twitterStatus{s, shown} {
		if err := each.fault(); err != nil {
			return Op{}, err
		}
		if op := each.hidden(country); op.Kind != "" {
			op.At = s.told()
			return op, nil
		}
	}
	op := Op{Kind: Create, At: s.told(), ID: s.key(), Post: shown.tweet(country)}
	if shown != s {
		by := s.User.author()
		op.Post.RepostedBy = &by
	}
	return op, nil
}

// fault says what a post lacks, without which it can't be shown or deleted again.
func (s *twitterStatus) fault() error {
	switch {
	case s.key() == "":
		return errors.New("post without an id")
	case s.User == nil || s.User.key() == "" || s.User.Handle == "":
		return errors.New("post without an author")
	}
	return nil
}

// hidden is what takes the post away where it may not be shown; its Kind is "" if it may.
func (s *twitterStatus) hidden(country string) Op {
	switch {
	case s.User != nil && withheldIn(s.User.WithheldIn, country):
		return Op{Kind: AuthorGone, Author: &Author{Key: s.User.key()}, Reason: ByNetwork}
	case s.WithheldRights && len(s.WithheldIn) == 0, withheldIn(s.WithheldIn, country):
		return Op{Kind: Destroy, ID: s.key(), Reason: ByNetwork}
	case s.User != nil && s.User.Protected:
		return Op{Kind: Destroy, ID: s.key(), Reason: Unavailable}
	}
	return Op{}
}

// told is when the stream told of the post.
func (s *twitterStatus) told() time.Time {
	if at := s.TimestampMs.time(); !at.IsZero() {
		return at
	}
	return s.created()
}

func (s *twitterStatus) created() time.Time {
	at, err := time.Parse(time.RubyDate, s.CreatedAt)
	if err != nil || at.Year() < 1 || at.Year() > 9999 { // JSON can't write such a year
		return xIDTime(string(s.id()))
	}
	return at.UTC()
}

// tweet is the post with the one it quotes.
func (s *twitterStatus) tweet(country string) *Post {
	quote := s.quote(country)
	t := s.alone(quote)
	t.Quote = quote
	return t
}

// alone is the post without the one it quotes, whose address the text needn't name
// where it is shown.
func (s *twitterStatus) alone(quote *Quote) *Post {
	body := s.body()
	media, missing := body.pictures()
	t := &Post{
		ID:          s.key(),
		Source:      "twitter",
		URL:         xAddress(s.User.Handle, string(s.id())),
		CreatedAt:   s.created(),
		Lang:        xLanguage(s.Lang),
		Author:      s.User.author(),
		Sensitive:   s.Sensitive,
		Media:       media,
		Poll:        body.poll(),
		WithheldIn:  countries(s.WithheldIn, s.User.WithheldIn),
		Unsupported: missing,
	}
	var quoted string
	if quote != nil && quote.Post != nil {
		quoted = string(s.Quoted.id())
	}
	t.Text = body.segments(quoted)
	if id := cmp.Or(s.ReplyToIDStr, s.ReplyToID); s.ReplyToHandle != "" {
		t.ReplyTo = &Reply{Handle: s.ReplyToHandle, URL: twitterProfile(s.ReplyToHandle)}
		if id != "" {
			t.ReplyTo.URL = xAddress(s.ReplyToHandle, string(id))
		}
	}
	return t
}

// quote is one without a Post if the quoted post was deleted or is protected, and
// one without a URL, too, if it is withheld.
func (s *twitterStatus) quote(country string) *Quote {
	if s.Quoted != nil && s.Quoted.fault() == nil {
		q := &Quote{ID: s.Quoted.key()}
		if s.Quoted.hidden(country).Kind == "" {
			q.Post = s.Quoted.alone(nil)
			q.URL = q.Post.URL
		}
		return q
	}
	if key := twitterKey(s.QuotedIDStr, s.QuotedID); key != "" {
		return &Quote{ID: key, URL: xAddress("", strings.TrimPrefix(key, "twitter:"))}
	}
	return nil
}
