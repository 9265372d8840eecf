package templates

import "time"

// Post is what a card shows. Its addresses have been vetted by the caller: the
// templates print them as they are.
type Post struct {
	ID         string
	Source     string // replay, post, bluesky, …: chooses the shape of the mark
	SourceName string // the network's name: "Bluesky"; empty if it is from none
	URL        string
	Created    time.Time
	Edited     time.Time // zero if it never was
	Lang       string    // BCP 47; empty if unknown
	Author     Author
	Text       []Segment
	Warning    []Segment // covers all of it until asked for
	Sensitive  bool
	Media      []Media
	Pictures   int // how many there are, if Media was cut
	Files      []File
	Preview    *Preview
	Poll       *Poll
	Quote      *Quote
	RepostedBy *Author // the newest of Reposts people; nil if nobody did
	Reposts    int
	ReplyTo    *Reply
	Partly     bool     // it has a part that can't be shown here
	WithheldIn []string // countries where it may not be shown
}

// Author is a name, a handle without "@", and where they lead.
type Author struct {
	Handle, Name, Avatar, URL string

	Named []Segment // Name with the emoji in it; empty if there are none
}

// Segment is a piece of text: plain, or a link, mention, hashtag, emoji or break.
type Segment struct {
	Kind                   string
	Text, Href, Title, Src string
}

// Media is a picture of known or unknown size (pixels; 0 if unknown).
type Media struct {
	Kind, Preview, URL, Alt string
	Width, Height           int
}

// File is what is attached and has no picture: a sound, or something unknown.
type File struct {
	Kind, URL, Alt string
}

// Preview is what a page that the post links to says of itself.
type Preview struct {
	URL, Host, Title, Description, Image string
}

// Poll is a question. Until is when it ends; zero if nobody said.
type Poll struct {
	Options []Option
	Until   time.Time
	Closed  bool
}

// Option is one answer. Share is a percentage, or negative while it is hidden.
type Option struct {
	Title []Segment
	Share int
}

// Quote is a post inside a post. Without a Post it was not looked up and is at URL
// or, without that too, it can't be shown.
type Quote struct {
	URL  string
	Post *Post
}

// Reply names whom a post answers.
type Reply struct {
	Handle, URL string
}
