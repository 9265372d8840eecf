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
	Warning    string
	Sensitive  bool
	Media      []Media
	Quote      *Quote
	RepostedBy *Author
	ReplyTo    *Reply
}

// Author is a name, a handle without "@", and where they lead.
type Author struct {
	Handle, Name, Avatar, URL string
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

// Quote is a post inside a post; a nil Post means that it can't be shown.
type Quote struct {
	URL  string
	Post *Post
}

// Reply names whom a post answers.
type Reply struct {
	Handle, URL string
}
