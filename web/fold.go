package web

import (
	"encoding/json"
	"math"
	"slices"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// everything is the number of events to request from a channel for all that it holds.
const everything = math.MaxInt

// entry is the newest version of a post in the log. Its offset is that of the first version,
// so that an edit doesn't move the post.
type entry struct {
	key    string
	offset uint64          // of its create
	data   json.RawMessage // a payload
}

// fold applies the events, oldest first, and returns the posts that exist after the last: an
// update replaces a post in place, a destroy removes it for good.
func fold(events []hub.Event) []entry {
	var entries []entry
	at := map[string]int{}
	destroyed := map[string]bool{}
	for _, ev := range events {
		i, known := at[ev.Key]
		switch {
		case ev.Name == string(stream.Destroy):
			destroyed[ev.Key] = true
		case known && (ev.Name == string(stream.Update) || ev.Name == string(stream.Create)):
			entries[i].data = ev.Data
		case ev.Name == string(stream.Create):
			at[ev.Key] = len(entries)
			entries = append(entries, entry{ev.Key, ev.Position.Offset, ev.Data})
		}
	}
	return slices.DeleteFunc(entries, func(e entry) bool { return destroyed[e.key] })
}

// before returns the entries older than the one at offset.
func before(entries []entry, offset uint64) []entry {
	end := slices.IndexFunc(entries, func(e entry) bool { return e.offset >= offset })
	if end < 0 {
		return entries
	}
	return entries[:end]
}

// cards returns the html of the entries, newest first. The element of a card has its offset as
// an attribute.
func cards(entries []entry) ([]string, error) {
	out := make([]string, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		var data struct{ HTML string }
		if err := json.Unmarshal(e.data, &data); err != nil {
			return nil, err
		}
		out = append(out, templates.Placed(data.HTML, e.offset))
	}
	return out, nil
}
