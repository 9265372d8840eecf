package durable

import (
	"errors"
	"fmt"
	"strings"

	"nagare/hub"
)

// format returns the offset that stands for a position. Offsets of one epoch have the same order as
// their positions: all have 16 digits, as 2^53, which is above every position, has.
func format(p hub.Position) string { return fmt.Sprintf("%s_%016d", p.Epoch, p.Offset) }

// parseOffset reads an offset. It accepts only what format returns, so that a position has only one
// address.
func parseOffset(s string) (hub.Position, error) {
	p, err := hub.ParsePosition(strings.Replace(s, "_", ":", 1))
	if err != nil || format(p) != s {
		return hub.Position{}, errors.New("offset: want -1, now, or the Stream-Next-Offset of a response")
	}
	return p, nil
}
