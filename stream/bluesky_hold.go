package stream

import (
	"slices"
	"time"
)

// mostHeld is how many posts may wait for their authors; one more, and the first goes out.
const mostHeld = 1024

// bskyPost is a post on its way out.
type bskyPost struct {
	op     Op
	did    string    // of its author
	parent string    // DID of whom it answers, if it does
	us     int64     // of its event
	until  time.Time // how long it waits for its author to be known
}

// bskyHold are the posts that wait, in the order in which they came.
type bskyHold []bskyPost

// take removes the posts that fit and returns them.
func (h *bskyHold) take(fits func(bskyPost) bool) []bskyPost {
	var taken []bskyPost
	*h = slices.DeleteFunc(*h, func(held bskyPost) bool {
		if !fits(held) {
			return false
		}
		taken = append(taken, held)
		return true
	})
	return taken
}

// of returns what fits the posts of an author.
func of(did string) func(bskyPost) bool {
	return func(held bskyPost) bool { return held.did == did }
}

// due returns who has the first post that can't wait until the next look.
func (h bskyHold) due(next time.Time) (did string, ok bool) {
	if len(h) == 0 || len(h) <= mostHeld && h[0].until.After(next) {
		return "", false
	}
	return h[0].did, true
}
