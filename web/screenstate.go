package web

import (
	"encoding/json"
	"slices"

	"nagare/hub"
)

// screenEvent is the name of the event that tells public screens what to show.
const screenEvent = "screen"

// What screens show.
const (
	running = ""
	frozen  = "freeze" // what they show already
	blank   = "blank"  // only the title
)

// screenState is what public screens show at present.
type screenState struct {
	State string   `json:"state"`
	Pins  []string `json:"pins"` // ids of the posts that stay on top, the newest pin first

	since hub.Position // of the event that says so; zero if the log no longer has it
}

// screen returns what public screens show. The log has precedence over the settings of the moderators,
// which this process can adopt a moment after the event.
func (c Config) screen() (s screenState) {
	if c.Screen != nil {
		s.State, s.Pins = c.Screen()
	}
	events, _ := c.Timeline.channel.Recent(everything)
	for _, ev := range slices.Backward(events) {
		var told screenState
		if ev.Name == screenEvent && json.Unmarshal(ev.Data, &told) == nil {
			told.since = ev.Position
			return told
		}
	}
	return s
}

// postsOf returns those of the posts with the given ids that are public, in that order. The error is
// errAway if they can't be looked up now.
func (t *Timeline) postsOf(ids []string) (posts []entry, err error) {
	found := map[string]entry{}
	records, err := t.find(ids...)
	if err != nil {
		return nil, errAway
	}
	for _, r := range records { // a later record of a key replaces an earlier one
		if delete(found, r.Key); !r.Erased && len(r.Data) > 0 {
			found[r.Key] = entry{r.Key, r.First.Offset, r.Data, &r.Index}
		}
	}
	events, _ := t.channel.Recent(everything)
	for _, e := range latest(events) {
		found[e.key] = e
	}
	for _, id := range ids {
		if e, is := found[id]; is {
			posts = append(posts, e)
			delete(found, id)
		}
	}
	return posts, nil
}
