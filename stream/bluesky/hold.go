package bluesky

import (
	"slices"
	"strings"
	"time"

	"nagare/stream"
)

// mostHeld is how many posts may wait for the lookups of their authors. If there are more, the
// oldest stops waiting.
const mostHeld = 1024

// heldPost is a post that waits for its author.
type heldPost struct {
	op     stream.Op
	did    string    // of the author
	parent string    // DID of the author that the post replies to; empty: it is no reply
	us     int64     // time of its event, in microseconds
	until  time.Time // when it is released at the latest
}

// uri is the address of the post.
func (h *heldPost) uri() string { return strings.TrimPrefix(h.op.ID, "bluesky:") }

// holdQueue are the held posts, in the order of arrival.
type holdQueue []heldPost

// take removes the posts for which fits is true, and returns them.
func (h *holdQueue) take(fits func(heldPost) bool) []heldPost {
	var taken []heldPost
	*h = slices.DeleteFunc(*h, func(held heldPost) bool {
		if !fits(held) {
			return false
		}
		taken = append(taken, held)
		return true
	})
	return taken
}

// byAuthor returns a condition for take: that the post is by the author.
func byAuthor(did string) func(heldPost) bool {
	return func(held heldPost) bool { return held.did == did }
}

// expired returns the author of the first post if that must be released before the time next,
// or if more than mostHeld posts wait.
func (h holdQueue) expired(next time.Time) (did string, ok bool) {
	if len(h) == 0 || len(h) <= mostHeld && h[0].until.After(next) {
		return "", false
	}
	return h[0].did, true
}
