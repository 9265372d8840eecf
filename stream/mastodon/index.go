package mastodon

import (
	"fmt"
	"slices"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/recent"
)

const (
	mostIndexed = 100_000 // posts in memory
	mostSaved   = 1_000   // posts that are saved for a restart; no page shows more
)

// statusIndex maps local ids to the ids of posts. It is needed because a delete names a post by
// the local id only, which has no meaning at other servers. It holds the latest posts.
type statusIndex struct {
	entries *recent.Cache[statusID, *indexEntry]
}

type indexEntry struct {
	local  statusID
	key    string        // id of the post; empty if only its delete is known
	edited string        // time of the post's last known edit, as the server sent it; empty: not edited
	gone   stream.Reason // why the post must not be shown; empty: it is public
}

func newStatusIndex(limit int) *statusIndex {
	return &statusIndex{recent.NewCache(limit, func(local statusID) *indexEntry { return &indexEntry{local: local} })}
}

// add records the id of a post with that local id, and the time of its last edit. If the post was
// deleted before, add returns the reason.
func (x *statusIndex) add(local statusID, key, edited string) (gone stream.Reason) {
	e := x.entries.Get(local)
	e.key, e.edited = key, edited
	return e.gone
}

// has reports whether the id of the post with that local id is known.
func (x *statusIndex) has(local statusID) bool {
	e, ok := x.entries.Peek(local)
	return ok && e.key != ""
}

// delete records why a post is gone, and returns its id if that is known.
func (x *statusIndex) delete(local statusID, why stream.Reason) (key string, known bool) {
	e := x.entries.Get(local)
	e.gone = why
	return e.key, e.key != ""
}

// newest returns at most n posts, the latest first. Deleted posts are left out, unless pending
// names them.
func (x *statusIndex) newest(n int, pending ...statusID) []indexEntry {
	var found []indexEntry
	for e := range x.entries.All() {
		if len(found) >= n {
			break
		}
		if e.gone == "" || slices.Contains(pending, e.local) {
			found = append(found, *e)
		}
	}
	return found
}

// hasOlder reports whether the index has an older version of the post than s.
func (x *statusIndex) hasOlder(s *status) bool {
	e, ok := x.entries.Peek(s.ID)
	return ok && s.EditedAt != e.edited && !parseTime(s.EditedAt).Before(parseTime(e.edited))
}

// marshal writes the latest posts, one to a line, the oldest first. A line has the local id, the
// time of the last edit after a tab if the post was edited, and after a space the id.
func (x *statusIndex) marshal(pending []statusID) string {
	var b strings.Builder
	for _, e := range slices.Backward(x.newest(mostSaved, pending...)) {
		if strings.ContainsAny(string(e.local), " \t\n") || strings.Contains(e.key, "\n") {
			continue
		}
		head := string(e.local)
		if e.edited != "" && !strings.ContainsAny(e.edited, " \n") {
			head += "\t" + e.edited
		}
		fmt.Fprintln(&b, head, e.key)
	}
	return b.String()
}

// unmarshal reads the output of marshal.
func (x *statusIndex) unmarshal(saved string) {
	for line := range strings.Lines(saved) {
		head, key, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if local, edited, _ := strings.Cut(head, "\t"); local != "" && key != "" {
			x.add(statusID(local), key, edited)
		}
	}
}
