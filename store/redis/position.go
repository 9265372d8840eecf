package redis

import (
	"fmt"
	"strconv"
	"strings"

	"nagare/hub"
)

// position is a position of a log as the server knows it. The epoch is a number, so that a later
// one can be told from an earlier one; 0 stands for no position. Its base 36 is the Epoch of a
// hub.Position.
type position struct {
	epoch, offset uint64
	nonce         string // of the event at the position; empty if unknown
}

func (p position) hub() hub.Position {
	return hub.Position{Epoch: strconv.FormatUint(p.epoch, 36), Offset: p.offset}
}

// id is the id of the entry at the position in the stream of the server.
func (p position) id() string { return fmt.Sprintf("%d-%d", p.epoch, p.offset) }

// before reports whether p is before q.
func (p position) before(q position) bool {
	return p.epoch < q.epoch || p.epoch == q.epoch && p.offset < q.offset
}

// fromHub is the inverse of hub. A position that can't be one of this store becomes zero.
func fromHub(p hub.Position) position {
	epoch, err := strconv.ParseUint(p.Epoch, 36, 53) // the scripts have float64
	if err != nil {
		return position{}
	}
	return position{epoch: epoch, offset: p.Offset}
}

func parseID(id string) (position, error) {
	epoch, offset, _ := strings.Cut(id, "-")
	return parsePosition(epoch, offset)
}

func parsePosition(epoch, offset string) (position, error) {
	e, err := strconv.ParseUint(epoch, 10, 64)
	o, err2 := strconv.ParseUint(offset, 10, 64)
	if err != nil || err2 != nil {
		return position{}, fmt.Errorf("%w: position %.20q %.20q", errReply, epoch, offset)
	}
	return position{epoch: e, offset: o}, nil
}
