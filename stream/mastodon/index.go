package mastodon

import (
	"fmt"
	"slices"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
	mostIndexed = 100_000 // how many local ids are remembered
	mostSaved   = 1_000   // of them over a restart: more posts than that are nowhere shown
)

// mastoIndex tells which post a local id is: a server tells of a delete by its own id
// for the post, which says nothing to anybody else. It holds the posts met last.
type statusIndex struct {
	entries *recent.Cache[statusID, *indexEntry]
}

type indexEntry struct {
	local statusID
	key   string        // of the post; empty if only its delete is known
	gone  stream.Reason // empty while the post is there
}

func newStatusIndex(limit int) *statusIndex {
	return &statusIndex{recent.NewCache(limit, func(local statusID) *indexEntry { return &indexEntry{local: local} })}
}

// met notes which post has that id, and returns why it is gone if its delete came first.
func (x *statusIndex) add(local statusID, key string) (gone stream.Reason) {
	e := x.entries.Get(local)
	e.key = key
	return e.gone
}

// has reports whether a post of that id was met.
func (x *statusIndex) has(local statusID) bool {
	e, ok := x.entries.Peek(local)
	return ok && e.key != ""
}

// killed notes why the post is gone, and returns which it was, if that is known.
func (x *statusIndex) delete(local statusID, why stream.Reason) (key string, known bool) {
	e := x.entries.Get(local)
	e.gone = why
	return e.key, e.key != ""
}

// newest are the posts met last, at most n, that aren't gone, or are still dying.
func (x *statusIndex) newest(n int, dying ...statusID) []indexEntry {
	var found []indexEntry
	for e := range x.entries.All() {
		if len(found) >= n {
			break
		}
		if e.gone == "" || slices.Contains(dying, e.local) {
			found = append(found, *e)
		}
	}
	return found
}

// text is the posts met last, one to a line, the oldest first.
func (x *statusIndex) marshal(dying []statusID) string {
	var b strings.Builder
	for _, e := range slices.Backward(x.newest(mostSaved, dying...)) {
		if !strings.ContainsAny(string(e.local), " \n") && !strings.Contains(e.key, "\n") {
			fmt.Fprintln(&b, e.local, e.key)
		}
	}
	return b.String()
}

// read takes what text has written.
func (x *statusIndex) unmarshal(saved string) {
	for line := range strings.Lines(saved) {
		if local, key, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && local != "" && key != "" {
			x.add(statusID(local), key)
		}
	}
}
