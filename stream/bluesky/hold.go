package bluesky

import (
	"slices"
	"time"

	"nagare/stream"
)

// mostHeld is how many posts may wait for their authors; one more, and the first goes out.
const mostHeld = 1024

// bskyPost is a post on its way out.
type heldPost struct {
	op     stream.Op
	did    string    // of its author
	parent string    // DID of whom it answers, if it does
	us     int64     // of its event
	until  time.Time // how long it waits for its author to be known
}

// bskyHold are the posts that wait, in the order in which they came.
type holdQueue []heldPost

// take removes the posts that fit and returns them.
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

// of returns what fits the posts of an author.
func byAuthor(did string) func(heldPost) bool {
	return func(held heldPost) bool { return held.did == did }
}

// due returns who has the first post that can't wait until the next look.
func (h holdQueue) expired(next time.Time) (did string, ok bool) {
	if len(h) == 0 || len(h) <= mostHeld && h[0].until.After(next) {
		return "", false
	}
	return h[0].did, true
}
