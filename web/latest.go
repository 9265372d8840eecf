package web

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// everything, as the number of events to request from a channel, means all events that its log
// holds.
const everything = math.MaxInt

// entry is the newest version of a post. The offset is that of the first version, so that an edit
// doesn't change the place of the post on a page.
type entry struct {
	key    string
	offset uint64          // of the post's create event
	data   json.RawMessage // a payload as JSON
	index  *hub.Index      // what queries match; nil if nothing does
}

// has reports whether the post has a term.
func (e entry) has(term string) bool {
	if e.index == nil {
		return false
	}
	_, found := slices.BinarySearch(e.index.Terms, term)
	return found
}

// value returns the rest of the post's first term that begins with a prefix, or "".
func (e entry) value(prefix string) string {
	if e.index == nil {
		return ""
	}
	for _, term := range e.index.Terms {
		if value, found := strings.CutPrefix(term, prefix); found {
			return value
		}
	}
	return ""
}

// latest applies the events, oldest first, and returns the posts that still exist after the last
// event. An update replaces a post in place. A destroy removes it, even if a later event creates
// it again.
func latest(events []hub.Event) []entry {
	var entries []entry
	at := map[string]int{}
	destroyed := map[string]bool{}
	for _, ev := range events {
		i, known := at[ev.Key]
		switch {
		case ev.Name == string(stream.Destroy):
			destroyed[ev.Key] = true
		case known && (ev.Name == string(stream.Update) || ev.Name == string(stream.Create)):
			entries[i].data, entries[i].index = ev.Data, ev.Index
		case ev.Name == string(stream.Create):
			at[ev.Key] = len(entries)
			entries = append(entries, entry{ev.Key, ev.Position.Offset, ev.Data, ev.Index})
		}
	}
	return slices.DeleteFunc(entries, func(e entry) bool { return destroyed[e.key] })
}

// before returns the entries, oldest first, whose offsets are below the given one.
func before(entries []entry, offset uint64) []entry {
	end := slices.IndexFunc(entries, func(e entry) bool { return e.offset >= offset })
	if end < 0 {
		return entries
	}
	return entries[:end]
}

// cards returns the HTML of the posts' cards. An attribute of each card holds the offset of its post.
func cards(posts []entry) ([]string, error) {
	out := make([]string, 0, len(posts))
	for _, e := range posts {
		var data struct{ HTML string }
		if err := json.Unmarshal(e.data, &data); err != nil {
			return nil, err
		}
		out = append(out, templates.Placed(data.HTML, e.offset))
	}
	return out, nil
}
