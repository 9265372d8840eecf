package hub

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Position is a point in a channel's log, just after the event with its offset. What a
// position means never changes. A reader that keeps the position of the last event that it
// processed can always be sent the later events, or be told that this isn't possible.
type Position struct {
	Epoch  string `json:"epoch"`  // 1 to 16 of 0-9 and a-z; changes when the log starts anew
	Offset uint64 `json:"offset"` // the first event has 1; below 2^53
}

// String returns the position as "epoch:offset", which ParsePosition reads.
func (p Position) String() string { return p.Epoch + ":" + strconv.FormatUint(p.Offset, 10) }

// ParsePosition reads a position in the form "epoch:offset".
func ParsePosition(s string) (Position, error) {
	epoch, digits, _ := strings.Cut(s, ":")
	offset, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || offset >= maxOffset || !epochPattern.MatchString(epoch) {
		return Position{}, fmt.Errorf("hub: position %.40q, want epoch:offset as in lz4k2:42", s)
	}
	return Position{epoch, offset}, nil
}

// maxOffset is 2^53. JavaScript's numbers are float64, in which all integers below 2^53 are
// exact.
const maxOffset = 1 << 53

var epochPattern = regexp.MustCompile(`^[0-9a-z]{1,16}$`)
