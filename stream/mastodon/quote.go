package mastodon

import (
	"encoding/json"
	"errors"

	"nagare/stream"
)

// quote is the quote of a post, in one of three forms. Mastodon sends a state and, if the
// quoted author allows it, the quoted post. Akkoma sends only the quoted post. Pleroma does the
// same, but in another field.
type quote struct {
	State  string   `json:"state"`
	Status *status  `json:"quoted_status"`
	ID     statusID `json:"id"` // of the quoted post; set only in Akkoma's form
}

// decodeQuote decodes the quote of a post. It doesn't decode the quote inside the quoted post:
// only one level is shown, and a server could nest any number. A quote that can't be decoded is
// shown as unavailable.
func (s *status) decodeQuote() {
	raw := s.RawQuote
	if isNull(raw) {
		raw = s.Pleroma.Quote
	}
	if isNull(raw) {
		return
	}
	s.quote = &quote{}
	if err := unmarshal(raw, s.quote); err != nil && !errors.Is(err, errWrongType) {
		return
	}
	if s.quote.State == "" && s.quote.ID != "" {
		s.quote.State, s.quote.Status = "accepted", &status{}
		if err := unmarshal(raw, s.quote.Status); err != nil && !errors.Is(err, errWrongType) {
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

// quotedStatus is the quoted post; nil if it must not be shown to everybody. In some states,
// such as blocked_account, the server sends the quoted post although the owner of the token has
// hidden it. Such a quote is shown as unavailable, so that readers don't learn whom the owner
// has blocked.
func (v view) quotedStatus(s *status) *status {
	q := s.quote
	if q == nil || q.State != "accepted" || q.Status == nil || !q.Status.valid() || !v.isPublic(q.Status) {
		return nil
	}
	return q.Status
}

// quoted converts the quote of a post. The quoted post is shown without a quote of its own.
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
