package web

import (
	"encoding/json"
	"math"
	"slices"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// everything, as the number of events to request from a channel, means all events that its log
// holds.
const everything = math.MaxInt

// entry is the newest version of a post in the log. The offset is that of the first version, so
// that an edit doesn't change the place of the post on a page.
type entry struct {
	key    string
	offset uint64          // of the post's create event
	data   json.RawMessage // a payload as JSON
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
			entries[i].data = ev.Data
		case ev.Name == string(stream.Create):
			at[ev.Key] = len(entries)
			entries = append(entries, entry{ev.Key, ev.Position.Offset, ev.Data})
		}
	}
	return slices.DeleteFunc(entries, func(e entry) bool { return destroyed[e.key] })
}

// before returns the entries whose offsets are below the given one.
func before(entries []entry, offset uint64) []entry {
	end := slices.IndexFunc(entries, func(e entry) bool { return e.offset >= offset })
	if end < 0 {
		return entries
	}
	return entries[:end]
}

// cards returns the HTML of the entries' cards, newest first. An attribute of each card holds the
// entry's offset.
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
