package stream

import "time"

// Kind says what an Op does to the timeline.
type Kind string

// The first three are what happens to a post, and the event names of the channel,
// so that one word follows a post all the way.
const (
	Create  Kind = "create"  // a new post; its ID has not been seen before
	Update  Kind = "update"  // the whole post again, after an edit
	Destroy Kind = "destroy" // the post is gone and must not be shown again
)

// These happen to an author and all of his posts. [Ledger] makes of them what they
// mean for each post.
const (
	AuthorGone   Kind = "author_gone"   // nothing of his may be shown, from now on
	AuthorBack   Kind = "author_back"   // what he writes from now on may be shown
	AuthorUpdate Kind = "author_update" // he has another name, handle or avatar
)

// Withheld happens to a post or, if it names an author, to all of his that are shown:
// it may not be shown in some countries, of which this is none. [Ledger] makes an
// Update of it.
const Withheld Kind = "withheld"

// These are news of the feed itself.
const (
	Status Kind = "status" // it is in another state
	Gap    Kind = "gap"    // what happened between two times was not told
	Lost   Kind = "lost"   // so many posts were left out
)

// Op is one thing that happened: to a post, to an author, or to the feed. As JSON,
// one to a line, it is also the record format that [Replay] reads.
type Op struct {
	Kind    Kind      `json:"op"`
	At      time.Time `json:"at"`                // when the source told it
	ID      string    `json:"id,omitempty"`      // of the post, or of the repost that brings it
	Post    *Post     `json:"tweet,omitempty"`   // set on Create and Update
	Earlier []string  `json:"earlier,omitempty"` // the post's ids before this edit, where each edit has its own
	Author  *Author   `json:"author,omitempty"`  // set on what happens to an author: his Key and, on AuthorUpdate, the rest
	Reason  Reason    `json:"reason,omitempty"`  // Destroy and AuthorGone: why
	Where   []string  `json:"where,omitempty"`   // Withheld: as Post.WithheldIn; none if it may be shown everywhere again
	Notice  *Notice   `json:"notice,omitempty"`  // set on news of the feed
}

// State is how a feed is.
type State string

// The states of a feed.
const (
	Connecting State = "connecting"
	Live       State = "live"
	Waiting    State = "waiting" // until Retry, for Reason
	Stopped    State = "stopped" // for good, for Reason
	Finished   State = "finished"
)

// Notice is news of a feed.
type Notice struct {
	Source  string    `json:"source"`            // its name
	Network string    `json:"network,omitempty"` // what it reads, as Post.Source; empty if the source doesn't say
	State   State     `json:"state,omitempty"`   // Status
	Reason  string    `json:"reason,omitempty"`  // Status and Gap: why, for the operator: it may name hosts and addresses
	Fault   Fault     `json:"fault,omitempty"`   // Status: the class of the Reason, if that is an error, for visitors
	Retry   time.Time `json:"retry,omitzero"`    // Status: when it is tried again
	From    time.Time `json:"from,omitzero"`     // Gap
	To      time.Time `json:"to,omitzero"`       // Gap
	Count   uint64    `json:"count,omitempty"`   // Lost: since the last such notice
}

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
