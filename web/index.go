package web

import (
	"time"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/reconcile"
)

// indexOf returns what a post is found by, and from what the reconciler restores its card.
func indexOf(op stream.Op) *hub.Index {
	x := &hub.Index{Names: op.Names, State: op.State, Time: op.Post.CreatedAt}
	x.Text, x.Terms = stream.SearchIndex(op.Post)
	if x.Time.IsZero() {
		x.Time = time.Now()
	}
	return x
}

// Reindex sets the Text and the Terms of a record that an older version has stored.
func Reindex(x *hub.Index) {
	if post := reconcile.SavedPost(x.State); post != nil {
		x.Text, x.Terms = stream.SearchIndex(post)
	}
}
