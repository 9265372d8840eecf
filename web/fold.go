package web

import (
	"encoding/json"
	"math"
	"slices"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

// everything asks a channel for all that it holds.
const everything = math.MaxInt

// entry is a post as the log has it: the newest that was said about it, at the
// place in the order where it first appeared.
type entry struct {
	key    string
	offset uint64 // of its create
	data   json.RawMessage
}

// fold goes through the events, oldest first, and returns the posts that are left:
// an update replaces in place, a destroy removes for good.
func fold(events []hub.Event) []entry {
	var entries []entry
	at := map[string]int{}
	gone := map[string]bool{}
	for _, ev := range events {
		i, known := at[ev.Key]
		switch {
		case ev.Name == string(stream.Destroy):
			gone[ev.Key] = true
		case known && (ev.Name == string(stream.Update) || ev.Name == string(stream.Create)):
			entries[i].data = ev.Data
		case ev.Name == string(stream.Create):
			at[ev.Key] = len(entries)
			entries = append(entries, entry{ev.Key, ev.Position.Offset, ev.Data})
		}
	}
	return slices.DeleteFunc(entries, func(e entry) bool { return gone[e.key] })
}

// before returns the entries older than the one at offset.
func before(entries []entry, offset uint64) []entry {
	end := slices.IndexFunc(entries, func(e entry) bool { return e.offset >= offset })
	if end < 0 {
		return entries
	}
	return entries[:end]
}

// cards returns the html of the entries, newest first, each wearing its offset.
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
