package web

import (
	"context"
	"slices"
	"time"

	"nagare/hub"
	"nagare/store"
)

// History is the part of a [store.Store] from which pages of older posts are made.
type History interface {
	Find(ctx context.Context, channel string, names ...string) ([]store.Record, error)
	Records(ctx context.Context, channel string, q store.Query) ([]store.Record, hub.Position, error)
}

// lookupTime is the time limit for a look-up in the history.
const lookupTime = 5 * time.Second

// positions are the positions of a post's first event and of its deletion. destroyed is zero while
// the post exists.
type positions struct {
	created, destroyed hub.Position
}

func (p positions) gone() bool { return p.destroyed != hub.Position{} }

// published returns the positions of a published post.
func (t *Timeline) published(id string) (at positions, known bool, err error) {
	records, err := t.find(id)
	for _, r := range records {
		if r.Key == id {
			at, known = positions{created: r.First}, true
			if r.Erased {
				at.destroyed = r.Last
			}
		}
	}
	return at, known, err
}

func (t *Timeline) find(names ...string) ([]store.Record, error) {
	ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
	defer cancel()
	records, err := t.history.Find(ctx, t.name, names...)
	if err != nil {
		t.log.Warn("posts not looked up", "name", short(names[0]), "err", err)
	}
	return records, err
}

// older returns at most n entries of the history that are before a position, oldest first. If the
// history can't be read, it returns none and false: the page shows what the log holds.
func (t *Timeline) older(end hub.Position, n int) (entries []entry, read bool) {
	ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
	defer cancel()
	records, _, err := t.history.Records(ctx, t.name, store.Query{Before: end, Limit: n})
	if err != nil {
		t.log.Warn("older posts not found", "before", end, "err", err)
	}
	for _, r := range slices.Backward(records) {
		entries = append(entries, entry{r.Key, r.First.Offset, r.Data})
	}
	return entries, err == nil
}
