package web

import (
	"strings"
	"time"

	"nagare/hub"
	"nagare/stream"
)

// indexOf returns what a store finds a post by, and from what the reconciler restores its card.
func indexOf(op stream.Op) *hub.Index {
	post := op.Post
	x := &hub.Index{
		Names: op.Names, State: op.State,
		Text: stream.SearchText(post), Author: strings.ToLower(post.Author.Handle), Lang: post.Lang, Source: post.Source,
		Media: len(post.Media) > 0, Time: post.CreatedAt,
	}
	if x.Time.IsZero() {
		x.Time = time.Now()
	}
	return x
}
