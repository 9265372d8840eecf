package web

import (
	"context"
	"strings"

	"nagare/hub"
	"nagare/store"
	"nagare/stream/reconcile"
)

// A mark says that moderators have hidden a post, or show it again. Like the tombstone of a deleted post, it has
// no content, and a store remembers it for longer than cards. The newest mark of a post applies.
const (
	markEvent  = "mark"
	hiddenMark = "hidden:"
	shownMark  = "shown:"
)

// Mark adds a mark of the post with these ids to the channel of the desk.
func (t *Timeline) Mark(ctx context.Context, ids []string, hidden bool) error {
	key := shownMark + ids[0]
	if hidden {
		key = hiddenMark + ids[0]
	}
	return t.channel.Enqueue(ctx, hub.Event{Name: markEvent, Key: key, Erase: true, Index: &hub.Index{Names: ids}})
}

func isMark(r store.Record) bool {
	return r.Erased && (strings.HasPrefix(r.Key, hiddenMark) || strings.HasPrefix(r.Key, shownMark))
}

// savedAtDesk returns what the reconciler has to know of records of the desk, of which public are those of the
// timeline. A tombstone without names means only that the card has left the desk. A card whose content the
// store has dropped can't be shown, and its id can't be used again. The marks are last: a post that was
// hidden is gone if there is no card of it.
func savedAtDesk(records, public []store.Record) (out []reconcile.Saved) {
	isPublic := map[string]bool{}
	for _, r := range public {
		isPublic[r.Key] = true
	}
	newest := map[string]store.Record{} // mark of each name
	for _, r := range records {
		switch {
		case isMark(r):
			for _, name := range r.Index.Names {
				if r.Last.Offset >= newest[name].Last.Offset {
					newest[name] = r
				}
			}
		case !r.Erased && len(r.Index.State) > 0, r.Erased && len(r.Index.Names) > 0:
			out = append(out, Saved(r))
		case !r.Erased && !isPublic[r.Key]:
			out = append(out, reconcile.Saved{ID: r.Key, Destroyed: true})
		}
	}
	for name, r := range newest {
		if strings.HasPrefix(r.Key, hiddenMark) {
			out = append(out, reconcile.Saved{ID: name, Names: []string{name}, Destroyed: true})
		}
	}
	return out
}
