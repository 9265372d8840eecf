package web

import "nagare/hub"

// seenIDs is how many posts are remembered by their id.
const seenIDs = 50_000

// seen remembers where posts were published, also when the log has moved on: the
// newest ids, each for as long as so many others have not come after it.
type seen struct {
	places map[string]hub.Position
	ids    []string // in the order they came, from next on
	next   int
}

func newSeen(ids int) *seen {
	return &seen{places: map[string]hub.Position{}, ids: make([]string, ids)}
}

// add remembers an id that is new, in the place of the oldest.
func (s *seen) add(id string, place hub.Position) {
	delete(s.places, s.ids[s.next])
	s.ids[s.next], s.places[id] = id, place
	s.next = (s.next + 1) % len(s.ids)
}
