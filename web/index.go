package web

import (
	"strings"
	"time"

	"nagare/hub"
	"nagare/stream"
)

// indexOf returns what a store finds a post by.
func indexOf(post *stream.Post) *hub.Index {
	x := &hub.Index{
		Text: stream.SearchText(post), Author: strings.ToLower(post.Author.Handle), Lang: post.Lang, Source: post.Source,
		Media: len(post.Media) > 0, Time: post.CreatedAt,
	}
	if x.Time.IsZero() {
		x.Time = time.Now()
	}
	return x
}
