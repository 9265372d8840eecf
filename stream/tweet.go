package stream

import "time"

// Kind says what an Op does to the timeline.
type Kind string

// The kinds are the event names of the channel, so that one word follows a post all the way.
const (
	Create  Kind = "create"  // a new post; its ID has not been seen before
	Update  Kind = "update"  // the whole post again, after an edit
	Destroy Kind = "destroy" // the post is gone and must not be shown again
)

// Op is one thing that happened to one post. As JSON, one to a line, it is also
// the record format that [Replay] reads.
type Op struct {
	Kind  Kind      `json:"op"`
	At    time.Time `json:"at"`              // when the source told it
	ID    string    `json:"id"`              // of the post, as Tweet.ID
	Tweet *Tweet    `json:"tweet,omitempty"` // set on Create and Update
}

// Tweet is a post of any network, ready to be shown: its text is already cut
// into segments by the rules of the network it came from, and nothing in it is HTML.
type Tweet struct {
	ID         string    `json:"id"`     // "<source>:<id at the source>"
	Source     string    `json:"source"` // replay, post, bluesky, mastodon, x, twitter
	URL        string    `json:"url,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	EditedAt   time.Time `json:"edited_at,omitzero"`
	Lang       string    `json:"lang,omitempty"` // BCP 47; empty if unknown
	Author     Author    `json:"author"`
	Text       []Segment `json:"text"`
	Warning    string    `json:"warning,omitempty"` // covers text and media until asked for
	Sensitive  bool      `json:"sensitive,omitempty"`
	Media      []Media   `json:"media,omitempty"`
	Quote      *Quote    `json:"quote,omitempty"`
	RepostedBy *Author   `json:"reposted_by,omitempty"`
	ReplyTo    *Reply    `json:"reply_to,omitempty"`
}

// Author is who wrote a post, or who reposted it.
type Author struct {
	Handle string `json:"handle"` // without "@"
	Name   string `json:"name,omitempty"`
	Avatar string `json:"avatar,omitempty"`
	URL    string `json:"url,omitempty"`
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
	Kind    string `json:"kind"` // image, gif, video
	Preview string `json:"preview"`
	URL     string `json:"url,omitempty"`    // what a press on it opens
	Alt     string `json:"alt,omitempty"`    // empty if its author described nothing
	Width   int    `json:"width,omitempty"`  // pixels; 0 if unknown
	Height  int    `json:"height,omitempty"` // pixels; 0 if unknown
}

// Quote is a post inside a post, one level deep.
type Quote struct {
	URL   string `json:"url,omitempty"`
	Tweet *Tweet `json:"tweet,omitempty"` // nil if it is deleted or may not be shown
}

// Reply names whom a post answers.
type Reply struct {
	Handle string `json:"handle"`
	URL    string `json:"url,omitempty"`
}
