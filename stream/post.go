package stream

import (
	"strings"
	"time"
)

// Post is a post of any network, ready to be shown: its text is already cut
// into segments by the rules of the network it came from, and nothing in it is HTML.
type Post struct {
	ID          string        `json:"id"`     // "<source>:<id at the source>"; of the post itself, also where a repost brings it
	Source      string        `json:"source"` // replay, post, bluesky, mastodon, x, twitter
	URL         string        `json:"url,omitempty"`
	CreatedAt   time.Time     `json:"created_at"`
	EditedAt    time.Time     `json:"edited_at,omitzero"`
	Lang        string        `json:"lang,omitempty"`       // BCP 47; empty if unknown
	MoreLangs   []string      `json:"more_langs,omitempty"` // that it is in too
	Author      Author        `json:"author"`
	Text        []Segment     `json:"text"`
	Warning     string        `json:"warning,omitempty"`   // covers text and media until asked for
	Sensitive   bool          `json:"sensitive,omitempty"` // covers media until asked for
	Media       []Media       `json:"media,omitempty"`
	Preview     *LinkPreview  `json:"card,omitempty"`
	Poll        *Poll         `json:"poll,omitempty"`
	Quote       *Quote        `json:"quote,omitempty"`
	RepostedBy  *Author       `json:"reposted_by,omitempty"`
	Reposts     int           `json:"reposts,omitempty"` // people who reposted it; RepostedBy is the newest of them
	ReplyTo     *Reply        `json:"reply_to,omitempty"`
	Emoji       []CustomEmoji `json:"emoji,omitempty"`       // that Warning and Poll may name
	WithheldIn  []string      `json:"withheld_in,omitempty"` // countries where it may not be shown, by ISO 3166
	Unsupported bool          `json:"unsupported,omitempty"` // it has a part that can't be shown here
	Late        bool          `json:"-"`                     // it is told only now that we have been away: history, no news
}

// Author is who wrote a post, or who reposted it.
type Author struct {
	Key    string        `json:"key,omitempty"` // "<source>:<id at the source>", which no change of name changes
	Handle string        `json:"handle"`        // without "@"
	Name   string        `json:"name,omitempty"`
	Avatar string        `json:"avatar,omitempty"`
	URL    string        `json:"url,omitempty"`
	Emoji  []CustomEmoji `json:"emoji,omitempty"` // that Name may name
}

// CustomEmoji is an image that stands for ":code:" in a text.
type CustomEmoji struct {
	Code string `json:"code"` // without the colons
	Src  string `json:"src"`
}

// SegmentKind says what a piece of text is.
type SegmentKind string

// A segment without a kind is plain text.
const (
	Text    SegmentKind = ""
	Link    SegmentKind = "link"
	Mention SegmentKind = "mention"
	Hashtag SegmentKind = "hashtag"
	Emoji   SegmentKind = "emoji" // an image the network's users made; Unicode emoji are text
	Break   SegmentKind = "break" // a new line; two make a paragraph
)

// Segment is a piece of a post's text. Joined, the Text of all segments is the post as plain text.
type Segment struct {
	Kind  SegmentKind `json:"kind,omitempty"`
	Text  string      `json:"text"`
	Href  string      `json:"href,omitempty"`
	Title string      `json:"title,omitempty"`
	Src   string      `json:"src,omitempty"` // of an Emoji
}

// Media is a picture, or the still picture that stands for a video.
type Media struct {
	Kind    string `json:"kind"`              // image, gif, video, audio, unknown
	Preview string `json:"preview,omitempty"` // the still picture; empty if there is none
	URL     string `json:"url,omitempty"`     // what a press on it opens
	Alt     string `json:"alt,omitempty"`     // empty if its author described nothing
	Width   int    `json:"width,omitempty"`   // pixels; 0 if unknown
	Height  int    `json:"height,omitempty"`  // pixels; 0 if unknown
}

// LinkPreview is the preview of a page that a post links to.
type LinkPreview struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Image       string `json:"image,omitempty"`
}

// Poll is a question with answers to choose from.
type Poll struct {
	Options []PollOption `json:"options"`
	EndsAt  time.Time    `json:"ends_at,omitzero"`
	Closed  bool         `json:"closed,omitempty"`
}

// PollOption is one answer of a Poll.
type PollOption struct {
	Title string `json:"title"`
	Votes *int   `json:"votes,omitempty"` // nil while hidden
}

// Quote is a post inside a post, one level deep. Without a Post, it is one that
// was not looked up if it has a URL, and one that may not be shown if not.
type Quote struct {
	ID   string `json:"id,omitempty"` // as Post.ID; known also where the Post is not
	URL  string `json:"url,omitempty"`
	Post *Post  `json:"tweet,omitempty"`
}

// Reply names whom a post answers.
type Reply struct {
	Handle string `json:"handle"`
	URL    string `json:"url,omitempty"`
}

// quoted is the post that t quotes, or nil.
func (t *Post) Quoted() *Post {
	if t.Quote == nil {
		return nil
	}
	return t.Quote.Post
}

// joined is the text of all segments.
func PlainText(segs []Segment) string {
	var b strings.Builder
	for _, s := range segs {
		b.WriteString(s.Text)
	}
	return b.String()
}

// earliest is the first of two times, of which one may be unknown.
func Earliest(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}
