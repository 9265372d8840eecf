package durable

import (
	"math/rand/v2"
	"strconv"
	"time"

	"nagare/hub"
)

const (
	interval  = 20 * time.Second
	maxJitter = uint64(time.Hour / interval) // intervals
)

var firstInterval = time.Date(2024, 10, 9, 0, 0, 0, 0, time.UTC)

// cursor makes the cursors of the responses to one request. They never go back.
type cursor struct {
	least  uint64 // the next cursor is at least this
	jitter uint64 // added to least if the next cursor would be below it
}

// newCursor begins with the cursor that the request has. The cursor of a live response is greater.
// It is greater by a random number if the request's is not below the present one, as after a change
// of the clock.
func newCursor(given uint64, live bool) cursor {
	if !live {
		return cursor{least: given}
	}
	return cursor{given + 1, rand.Uint64N(maxJitter)}
}

// next returns the cursor of a response that ends at a position.
func (c *cursor) next(at hub.Position) string {
	n := uint64(max(0, time.Since(firstInterval)/interval)) + at.Offset
	if n < c.least {
		n = c.least + c.jitter
	}
	*c = cursor{least: n}
	return strconv.FormatUint(n, 10)
}
