package web

import (
	"context"
	"errors"
	"time"

	"nagare/hub"
	"nagare/store"
)

// History is the part of a [store.Store] from which pages of older posts are made.
type History interface {
	Find(ctx context.Context, channel string, names ...string) ([]store.Record, error)
	Records(ctx context.Context, channel string, q store.Query) (records []store.Record, older hub.Position, err error)
	At(ctx context.Context, channel string, at time.Time) (hub.Position, error)
	Counts(ctx context.Context, channel string, from time.Time, step time.Duration, n int) ([]int, error)
}

// lookupTime is the time limit for a lookup in the history.
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

// errAway is returned while the history can't be read.
var errAway = errors.New("web: the history can't be read at present")

// positionAt returns the position that all posts precede that arrived before a time. It returns
// errPosition for a time that is still to come.
func (t *Timeline) positionAt(ctx context.Context, at time.Time) (hub.Position, error) {
	if at.After(time.Now()) {
		return hub.Position{}, errPosition
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	end, err := t.history.At(ctx, t.name, at)
	if err != nil {
		t.log.Warn("position of a time not found", "at", at, "err", err)
		return end, errAway
	}
	end.Offset++
	return end, nil
}
