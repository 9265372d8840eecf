package mastodon

import (
	"errors"

	"nagare/stream"
)

// mastoQuote is what a post quotes: for Mastodon a state and, if the quoted author
// allows it, his post; for Akkoma and Pleroma the post itself.
type quote struct {
	State  string   `json:"state"`
	Status *status  `json:"quoted_status"`
	ID     statusID `json:"id"` // if it is a post itself
}

// openQuote reads the quote. It is left unread where it is not asked for, because
// posts can quote posts that quote posts, and only the first is shown. What can't be
// read is a quote that can't be shown, and no reason to lose the post.
func (s *status) openQuote() {
	if len(s.RawQuote) == 0 || string(s.RawQuote) == "null" {
		return
	}
	s.quote = &quote{}
	if err := unmarshal(s.RawQuote, s.quote); err != nil && !errors.Is(err, errOddField) {
		return
	}
	if s.quote.State == "" && s.quote.ID != "" {
		s.quote.State, s.quote.Status = "accepted", &status{}
		if err := unmarshal(s.RawQuote, s.quote.Status); err != nil && !errors.Is(err, errOddField) {
			s.quote.Status = nil
		}
	}
	if s.quote.Status != nil {
		s.quote.Status.Reblog = nil // nobody quotes a boost
	}
}

// shown is the quoted post, if it may be shown. States other than accepted come with
// the post too, when it is only this reader who doesn't want to see it; there is no
// telling who the readers of a public page are.
func (v view) shown(q *quote) *status {
	if q == nil || q.State != "accepted" || q.Status == nil || !q.Status.valid() || !v.isPublic(q.Status) {
		return nil
	}
	return q.Status
}

// quoted is what a post quotes, one level deep.
func (v view) quoted(s *status) *stream.Quote {
	if s.quote == nil {
		return nil
	}
	inner := v.shown(s.quote)
	if inner == nil {
		return &stream.Quote{}
	}
	t := v.tweet(inner)
	return &stream.Quote{ID: t.ID, URL: t.URL, Post: t}
}
