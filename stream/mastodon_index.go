package stream

import (
	"container/list"
	"fmt"
	"slices"
	"strings"
)

const (
	knownLocals = 100_000 // how many local ids are remembered
	savedLocals = 1_000   // of them over a restart: more posts than that are nowhere shown
)

// mastoIndex tells which post a local id is: a server tells of a delete by its own id
// for the post, which says nothing to anybody else. It holds the posts met last.
type mastoIndex struct {
	limit int
	order *list.List // of *mastoEntry, the one met last in front
	byID  map[mastoID]*list.Element
}

type mastoEntry struct {
	local mastoID
	key   string // of the post; empty if only its delete is known
	gone  Reason // empty while the post is there
}

func newMastoIndex(limit int) *mastoIndex {
	return &mastoIndex{limit: limit, order: list.New(), byID: map[mastoID]*list.Element{}}
}

// met notes which post has that id, and returns why it is gone if its delete came first.
func (x *mastoIndex) met(local mastoID, key string) (gone Reason) {
	e := x.entry(local)
	e.key = key
	return e.gone
}

// has reports whether a post of that id was met.
func (x *mastoIndex) has(local mastoID) bool {
	at := x.byID[local]
	return at != nil && at.Value.(*mastoEntry).key != ""
}

// killed notes why the post is gone, and returns which it was, if that is known.
func (x *mastoIndex) killed(local mastoID, why Reason) (key string, known bool) {
	e := x.entry(local)
	e.gone = why
	return e.key, e.key != ""
}

// entry finds or makes the entry; the oldest makes room for it.
func (x *mastoIndex) entry(local mastoID) *mastoEntry {
	if at := x.byID[local]; at != nil {
		x.order.MoveToFront(at)
		return at.Value.(*mastoEntry)
	}
	if x.order.Len() >= x.limit {
		oldest := x.order.Remove(x.order.Back()).(*mastoEntry)
		delete(x.byID, oldest.local)
	}
	e := &mastoEntry{local: local}
	x.byID[local] = x.order.PushFront(e)
	return e
}

// newest are the posts met last, at most n, that aren't gone, or are still dying.
func (x *mastoIndex) newest(n int, dying ...mastoID) []mastoEntry {
	var found []mastoEntry
	for at := x.order.Front(); at != nil && len(found) < n; at = at.Next() {
		if e := at.Value.(*mastoEntry); e.gone == "" || slices.Contains(dying, e.local) {
			found = append(found, *e)
		}
	}
	return found
}

// text is the posts met last, one to a line, the oldest first.
func (x *mastoIndex) text(dying []mastoID) string {
	var b strings.Builder
	for _, e := range slices.Backward(x.newest(savedLocals, dying...)) {
		if !strings.ContainsAny(string(e.local), " \n") && !strings.Contains(e.key, "\n") {
			fmt.Fprintln(&b, e.local, e.key)
		}
	}
	return b.String()
}

// read takes what text has written.
func (x *mastoIndex) read(saved string) {
	for line := range strings.Lines(saved) {
		if local, key, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && local != "" && key != "" {
			x.met(mastoID(local), key)
		}
	}
}
