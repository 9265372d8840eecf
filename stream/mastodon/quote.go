package mastodon

import (
	"encoding/json"
	"errors"

	"nagare/stream"
)

// quote is the quote of a post. Mastodon sends a state and, if the quoted author allows it,
// the quoted post. Akkoma sends the quoted post itself, and Pleroma does so in another field.
type quote struct {
	State  string   `json:"state"`
	Status *status  `json:"quoted_status"`
	ID     statusID `json:"id"` // of the quoted post, if this is Akkoma's form
}

// decodeQuote decodes the quote of a post that is shown. A quote in a quote stays undecoded,
// because only one level is shown and the depth is unbounded. A quote that can't be decoded
// is shown as unavailable, with the rest of the post.
func (s *status) decodeQuote() {
	raw := s.RawQuote
	if isNull(raw) {
		raw = s.Pleroma.Quote
	}
	if isNull(raw) {
		return
	}
	s.quote = &quote{}
	if err := unmarshal(raw, s.quote); err != nil && !errors.Is(err, errOddField) {
		return
	}
	if s.quote.State == "" && s.quote.ID != "" {
		s.quote.State, s.quote.Status = "accepted", &status{}
		if err := unmarshal(raw, s.quote.Status); err != nil && !errors.Is(err, errOddField) {
			s.quote.Status = nil
		}
	}
	if visible := s.Pleroma.QuoteVisible; visible != nil && !*visible {
		s.quote.State = "unauthorized"
	}
	if s.quote.Status != nil {
		s.quote.Status.Reblog = nil // a boost can't be quoted
	}
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// quotedStatus is the quoted post if everybody may see it, or nil. With some other states,
// such as blocked_account, the server sends the post too, because only the owner of the token
// doesn't want to see it. Readers are not told such preferences.
func (v view) quotedStatus(s *status) *status {
	q := s.quote
	if q == nil || q.State != "accepted" || q.Status == nil || !q.Status.valid() || !v.isPublic(q.Status) {
		return nil
	}
	return q.Status
}

// quoted converts the quote of a post, without a quote in the quoted post.
func (v view) quoted(s *status) *stream.Quote {
	if s.quote == nil {
		return nil
	}
	inner := v.quotedStatus(s)
	if inner == nil {
		return &stream.Quote{}
	}
	p := v.post(inner)
	return &stream.Quote{ID: p.ID, URL: p.URL, Post: p}
}
