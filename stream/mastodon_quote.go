package stream

import "errors"

// mastoQuote is what a post quotes: for Mastodon a state and, if the quoted author
// allows it, his post; for Akkoma and Pleroma the post itself.
type mastoQuote struct {
	State  string       `json:"state"`
	Status *mastoStatus `json:"quoted_status"`
	ID     mastoID      `json:"id"` // if it is a post itself
}

// openQuote reads the quote. It is left unread where it is not asked for, because
// posts can quote posts that quote posts, and only the first is shown. What can't be
// read is a quote that can't be shown, and no reason to lose the post.
func (s *mastoStatus) openQuote() {
	if len(s.RawQuote) == 0 || string(s.RawQuote) == "null" {
		return
	}
	s.quote = &mastoQuote{}
	if err := unmarshalMasto(s.RawQuote, s.quote); err != nil && !errors.Is(err, errOddField) {
		return
	}
	if s.quote.State == "" && s.quote.ID != "" {
		s.quote.State, s.quote.Status = "accepted", &mastoStatus{}
		if err := unmarshalMasto(s.RawQuote, s.quote.Status); err != nil && !errors.Is(err, errOddField) {
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
func (v mastoView) shown(q *mastoQuote) *mastoStatus {
	if q == nil || q.State != "accepted" || q.Status == nil || !q.Status.valid() || !v.shows(q.Status) {
		return nil
	}
	return q.Status
}

// quoted is what a post quotes, one level deep.
func (v mastoView) quoted(s *mastoStatus) *Quote {
	if s.quote == nil {
		return nil
	}
	inner := v.shown(s.quote)
	if inner == nil {
		return &Quote{}
	}
	t := v.tweet(inner)
	return &Quote{ID: t.ID, URL: t.URL, Post: t}
}
