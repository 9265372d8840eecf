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

// ErrFenced is returned for what a process publishes or puts under a lease that it has lost.
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
	case ev.Amends:
		return "amends"
	}
	return ""
}

// indexOf returns what the script needs of an event's Index: the names, one a line; what queries match,
// which is the time in ms, the terms, and the text, one a line; and the state.
func indexOf(ev hub.Event) (names, found string, state []byte) {
	x := ev.Index
	if x == nil {
		return "", "", nil
	}
	lines := append([]string{""}, x.Terms...)
	if !x.Time.IsZero() {
		lines[0] = strconv.FormatInt(x.Time.UnixMilli(), 10)
	}
	return strings.Join(x.Names, "\n"), strings.Join(append(lines, x.Text), "\n"), x.State
}

// parseIndex is the inverse of indexOf. A record of schema 1 has its Index, except for the names, as JSON
// in its state, and is indexed anew.
func (s *Store) parseIndex(names, found, state string) (x hub.Index, err error) {
	switch lines := strings.Split(found, "\n"); {
	case found == "" && state != "":
		if err = json.Unmarshal([]byte(state), &x); err == nil && !x.Time.IsZero() && s.options.Reindex != nil {
			s.options.Reindex(&x)
		}
	case found != "":
		last := len(lines) - 1
		if x.Text = lines[last]; last > 1 {
			x.Terms = lines[1:last]
		}
		if ms, none := strconv.ParseInt(lines[0], 10, 64); none == nil {
			x.Time = time.UnixMilli(ms).UTC()
		}
		x.State = []byte(state)
	}
	if names != "" {
		x.Names = strings.Split(names, "\n")
	}
	return x, err
}
