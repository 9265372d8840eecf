package web

import (
	"strings"
	"time"

	"nagare/stream"
	"nagare/templates"
)

// payload is the data of a create or an update event. The first four fields have the names that
// the clients of 2013 expect. Text must never be HTML, because those clients insert it into a page
// unescaped.
type payload struct {
	ID         string    `json:"id"`
	Text       string    `json:"text"`
	ScreenName string    `json:"screen_name"`
	IconURL    string    `json:"icon_url"`
	Name       string    `json:"name"`
	URL        string    `json:"url,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	EditedAt   time.Time `json:"edited_at,omitzero"`
	Lang       string    `json:"lang,omitempty"`
	Warning    string    `json:"warning,omitempty"`   // hides text and media until the reader asks for them
	Sensitive  bool      `json:"sensitive,omitempty"` // the media are hidden until the reader asks for them
	Media      []picture `json:"media,omitempty"`
	Truncated  bool      `json:"truncated,omitempty"` // the post was too large for an event and has been shortened
	Late       bool      `json:"late,omitempty"`      // the post arrived late, after a gap, and isn't new; its edits have this flag too
	Approved   bool      `json:"approved,omitempty"`  // a moderator has shown the post
	HTML       string    `json:"html"`

	// Of a card that is held. Only moderators are sent these.
	Held     stream.Held      `json:"held,omitempty"`
	Decision *stream.Decision `json:"decision,omitempty"`
	Author   string           `json:"author,omitempty"`  // Key of the author
	Process  string           `json:"process,omitempty"` // that has published the card
}

type picture struct {
	Kind    string `json:"kind"`
	Preview string `json:"preview"`
	URL     string `json:"url,omitempty"`
	Alt     string `json:"alt,omitempty"`
}

func newPayload(p templates.Post, html string, truncated bool) payload {
	data := payload{
		ID: p.ID, Text: plainText(p.Text), ScreenName: p.Author.Handle, IconURL: p.Author.Avatar,
		Name: p.Author.Name, URL: p.URL, CreatedAt: p.Created.UTC(), EditedAt: p.Edited.UTC(), Lang: p.Lang,
		Warning: plainText(p.Warning), Sensitive: p.Sensitive,
		Truncated: truncated, HTML: html,
	}
	for _, m := range p.Media {
		data.Media = append(data.Media, picture{m.Kind, m.Preview, m.URL, m.Alt})
	}
	return data
}

// plainText joins the texts of the segments.
func plainText(segments []templates.Segment) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString(s.Text)
	}
	return b.String()
}
