package stream

import (
	"strings"
	"time"
)

// Post is a post of any network, ready to be shown: its text is divided into segments by
// the rules of its network, and nothing in it is HTML.
type Post struct {
	ID          string        `json:"id"`     // "<source>:<id at the source>"; never the id of a repost
	Source      string        `json:"source"` // the id of a network, "replay", or "post" if sent to this site
	URL         string        `json:"url,omitempty"`
	CreatedAt   time.Time     `json:"created_at"`
	EditedAt    time.Time     `json:"edited_at,omitzero"`
	Lang        string        `json:"lang,omitempty"`       // BCP 47; empty if unknown
	MoreLangs   []string      `json:"more_langs,omitempty"` // further languages
	Author      Author        `json:"author"`
	Text        []Segment     `json:"text"`
	Tags        []string      `json:"tags,omitempty"`      // hashtags that are not in Text, without "#"
	Warning     string        `json:"warning,omitempty"`   // hides text and media until the reader asks for them
	Sensitive   bool          `json:"sensitive,omitempty"` // the media are hidden until the reader asks for them
	Media       []Media       `json:"media,omitempty"`
	Preview     *LinkPreview  `json:"card,omitempty"`
	Poll        *Poll         `json:"poll,omitempty"`
	Quote       *Quote        `json:"quote,omitempty"`
	RepostedBy  *Author       `json:"reposted_by,omitempty"`
	RepostID    string        `json:"repost_id,omitempty"` // of the repost by RepostedBy, set by the reconciler; empty if unknown
	Reposts     int           `json:"reposts,omitempty"`   // number of reposters; RepostedBy is the latest
	ReplyTo     *Reply        `json:"reply_to,omitempty"`
	Emoji       []CustomEmoji `json:"emoji,omitempty"`       // custom emoji in Warning and Poll
	WithheldIn  []string      `json:"withheld_in,omitempty"` // countries that must not see the post, by ISO 3166
	Unsupported bool          `json:"unsupported,omitempty"` // the post has a part that the page can't show
	Revised     time.Time     `json:"revised,omitzero"`      // EditedAt as recorded, if a replay has moved EditedAt; see Version
	Late        bool          `json:"-"`                     // backfilled: missed while the source was not connected
}

// Author is the author of a post or of a repost.
type Author struct {
	Key    string        `json:"key,omitempty"` // "<source>:<id at the source>", which never changes
	Handle string        `json:"handle"`        // without "@"
	Name   string        `json:"name,omitempty"`
	Avatar string        `json:"avatar,omitempty"`
	URL    string        `json:"url,omitempty"`
	Emoji  []CustomEmoji `json:"emoji,omitempty"` // custom emoji in Name

	// NoIndex means that the author asks search engines not to list their posts.
	NoIndex bool `json:"noindex,omitempty"`

	Bot bool `json:"bot,omitempty"` // the author says that a program posts
}

// KeyAt identifies the author among those of all networks: by the Key or, without one, by the network and
// the handle. It is empty if neither is known.
func (a *Author) KeyAt(source string) string {
	if a.Key != "" || a.Handle == "" {
		return a.Key
	}
	return source + ":@" + strings.ToLower(a.Handle)
}

// CustomEmoji is an image for ":code:" in a text.
type CustomEmoji struct {
	Code string `json:"code"` // without the colons
	Src  string `json:"src"`
}

// SegmentKind is the kind of a part of a text.
type SegmentKind string

// A segment without a kind is plain text.
const (
	Text    SegmentKind = ""
	Link    SegmentKind = "link"
	Mention SegmentKind = "mention"
	Hashtag SegmentKind = "hashtag"
	Emoji   SegmentKind = "emoji" // an image that stands for a :code:; a Unicode emoji is plain text
	Break   SegmentKind = "break" // a new line; two make a paragraph
)

// MostBreaks is the most line breaks in a row that are shown, so that a post can't fill a page
// with blank lines.
const MostBreaks = 3

// Segment is a part of a post's text. The Text of all segments together is the post as
// plain text.
type Segment struct {
	Kind  SegmentKind `json:"kind,omitempty"`
	Text  string      `json:"text"`
	Href  string      `json:"href,omitempty"`
	Title string      `json:"title,omitempty"`
	Src   string      `json:"src,omitempty"` // address of the image of an Emoji
}

// Media is a picture, or the still picture of a video.
type Media struct {
	Kind    string `json:"kind"`              // image, gif, video, audio, unknown
	Preview string `json:"preview,omitempty"` // the still picture; empty if there is none
	URL     string `json:"url,omitempty"`     // what a click opens
	Alt     string `json:"alt,omitempty"`     // description of the media; empty if the author gave none
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
	Voters  int          `json:"voters,omitempty"` // number of voters, if each can choose several options; 0: unknown
}

// PollOption is one answer of a Poll.
type PollOption struct {
	Title string `json:"title"`
	Votes *int   `json:"votes,omitempty"` // nil while the network hides the votes
}

// Quote is a post inside a post, one level deep. Post is nil if the quoted post was not looked
// up, or must not be shown. In the second case URL is empty too.
type Quote struct {
	ID   string `json:"id,omitempty"` // of the quoted post; can be set without a Post
	URL  string `json:"url,omitempty"`
	Post *Post  `json:"tweet,omitempty"`
}

// Reply names the author whom a post answers. All fields are empty if that author is unknown or
// must not be shown.
type Reply struct {
	Key    string `json:"key,omitempty"` // Author.Key of that author; empty if unknown
	Handle string `json:"handle"`
	URL    string `json:"url,omitempty"`
}

// Renamed returns p with the author now in place of the author of that key, who may have written,
// reposted or quoted the post, or be the one whom it answers.
func (p *Post) Renamed(now *Author) *Post {
	renamed := *p
	if p.Author.Key == now.Key {
		renamed.Author = *now
	}
	if by := p.RepostedBy; by != nil && by.Key == now.Key {
		renamed.RepostedBy = now
	}
	if p.ReplyTo != nil && p.ReplyTo.Key == now.Key {
		renamed.ReplyTo = p.ReplyTo.renamed(now)
	}
	if q := p.Quoted(); q != nil {
		quote := *p.Quote
		quote.Post, renamed.Quote = q.Renamed(now), &quote
	}
	return &renamed
}

// renamed returns r with the new handle of its author. A URL that is not below the author's
// address may contain an old handle, so it is replaced by that address.
func (r *Reply) renamed(now *Author) *Reply {
	reply := Reply{Key: r.Key, Handle: now.Handle, URL: now.URL}
	if now.URL != "" && strings.HasPrefix(r.URL, now.URL) {
		reply.URL = r.URL
	}
	return &reply
}

// Version is the time of the post's last edit, for comparison with other versions of the post. A
// replay moves times to the present, by another span for each op unless it plays at the recorded
// speed, so that EditedAt doesn't tell which of two versions is newer.
func (p *Post) Version() time.Time {
	if !p.Revised.IsZero() {
		return p.Revised
	}
	return p.EditedAt
}

// Quoted returns the post that p quotes, or nil.
func (p *Post) Quoted() *Post {
	if p.Quote == nil {
		return nil
	}
	return p.Quote.Post
}

// PlainText is the text of all segments.
func PlainText(segs []Segment) string {
	var b strings.Builder
	for _, s := range segs {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Earliest returns the earlier of two times. A zero time is unknown, and is ignored.
func Earliest(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}
