package templates

import "time"

// Post is the data of a card. The caller must have checked the addresses in it, because the
// templates print them unchanged.
type Post struct {
	ID         string
	Source     string // the ID of the Network
	SourceName string // the network's name, such as "Bluesky"; empty if there is none
	URL        string // of the original
	Page       string // the address of the post's own page here; empty if it has none
	Created    time.Time
	Edited     time.Time // zero if the post was never edited
	Lang       string    // BCP 47; empty if unknown
	LangPage   string    // the address of the posts here in that language; empty if there is none
	Author     Author
	Text       []Segment
	Warning    []Segment // hides the content until the reader opens it
	Sensitive  bool
	Media      []Media
	Pictures   int // number of pictures of the post, if Media holds only some of them; otherwise 0
	Files      []File
	Preview    *Preview
	Poll       *Poll
	Quote      *Quote
	RepostedBy *Author // the latest reposter; nil if there is none
	Reposts    int     // number of authors who reposted it
	ReplyTo    *Reply
	Partly     bool     // the post has a part that no card can show
	WithheldIn []string // codes of the countries where the network doesn't show the post
}

// Author is the author of a post. Handle has no "@", URL is the address of the profile, and Page that of
// the author's posts here, or empty.
type Author struct {
	Handle, Name, Avatar, URL, Page string

	Named []Segment // Name with its custom emoji; empty if it contains none
}

// Segment is a piece of text: plain, or a link, mention, hashtag, emoji or break.
type Segment struct {
	Kind                   string
	Text, Href, Title, Src string
}

// Media is a picture, or a video, animation or sound that a picture stands for. Preview is the
// address of the picture. Width and Height are its size in pixels, 0 if that is unknown.
type Media struct {
	Kind, Preview, URL, Alt string
	Width, Height           int
}

// File is an attachment without a picture: a sound, or a file of unknown kind.
type File struct {
	Kind, URL, Alt string
}

// Preview describes a page that the post links to, in the words of that page's own metadata.
type Preview struct {
	URL, Host, Title, Description, Image string
}

// Poll is a poll. Until is its end; zero if that is unknown.
type Poll struct {
	Options []Option
	Until   time.Time
	Closed  bool
}

// Option is one option of a poll. Share is a percentage, or negative if it is unknown.
type Option struct {
	Title []Segment
	Share int
}

// Quote is a quoted post. If Post is nil, the card links to URL; without URL either, it says that
// the post can't be shown.
type Quote struct {
	URL  string
	Post *Post
}

// Reply names the author that a post answers.
type Reply struct {
	Handle, URL string
}
