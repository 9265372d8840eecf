package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"nagare/hub"
)

// ErrFenced is returned for an event of a process that has lost the lease on the sources.
var ErrFenced = errors.New("redis: another process reads the sources now")

// Append implements [hub.Store].
func (s *Store) Append(ctx context.Context, channel string, events []hub.Event) ([]hub.Position, error) {
	if len(events) == 0 {
		return nil, nil
	}
	nonce := rand.Text()[:12] // by which the script finds what an earlier try has stored
	args := []any{nonce, s.options.Keep, max(s.options.Keep, rememberIDs), ""}
	for _, ev := range events {
		names, found, state := indexOf(ev)
		args = append(args, ev.Fence, ev.Name, ev.Key, kindOf(ev), []byte(ev.Data), names, found, state)
	}
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		reply, err := s.run(ctx, channel, "append", args...)
		if err == nil && len(reply) == len(events)+4 && reply[0] == "OK" {
			return s.appended(channel, reply[1:])
		}
		switch {
		case err != nil:
			args[3] = "1" // the reply may have been lost
		case len(reply) == 1 && reply[0] == "FENCED":
			s.endLease(events)
			return nil, ErrFenced
		case held(reply) > 0:
			wait = held(reply)
		default:
			return nil, errReply
		}
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// held returns how long the server will neither give nor take events after its restart, or 0.
func held(reply []string) time.Duration {
	if len(reply) != 2 || reply[0] != "HOLD" {
		return 0
	}
	left, _ := strconv.Atoi(reply[1]) // the script writes digits
	return time.Duration(left) * time.Millisecond
}

// endLease ends the present lease, if one of the refused events was made under it.
func (s *Store) endLease(events []hub.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lose != nil && slices.ContainsFunc(events, func(ev hub.Event) bool { return ev.Fence == s.lease }) {
		s.lose(ErrLeaseLost)
	}
}

// appended notes the position after an append, and returns the positions of the events.
func (s *Store) appended(channel string, reply []string) ([]hub.Position, error) {
	newest, err := parsePosition(reply[0], reply[1])
	newest.nonce = reply[2]
	s.see(channel, newest)
	positions := make([]hub.Position, 0, len(reply)-3)
	for _, id := range reply[3:] {
		at, failed := parseID(id)
		if failed != nil {
			err = failed
		}
		positions = append(positions, at.hub())
	}
	return positions, err
}

func kindOf(ev hub.Event) string {
	switch {
	case ev.Erase:
		return "erase"
	case ev.Once:
		return "once"
	}
	return ""
}

// indexOf returns what the script needs of an event's Index: the names, one a line; the fields that
// it compares, one a line, or "" if the record is found only by its names; and the whole Index
// except for the names.
func indexOf(ev hub.Event) (names, filter string, state []byte) {
	if ev.Index == nil {
		return "", "", nil
	}
	index := *ev.Index
	names, index.Names = strings.Join(index.Names, "\n"), nil
	state, err := json.Marshal(index)
	if err != nil {
		panic(err) // texts, bytes and a time always encode
	}
	if index.Time.IsZero() {
		return names, "", state
	}
	fields := []string{index.Author, index.Lang, index.Source, flag(index.Media), index.Text}
	for i, f := range fields {
		fields[i] = strings.ReplaceAll(f, "\n", " ")
	}
	return names, strings.Join(fields, "\n"), state
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return ""
}
