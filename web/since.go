package web

import (
	"context"
	"slices"

	"nagare/hub"
)

// mostMissed is how many posts back a client can continue where it was, beyond those in the log.
const mostMissed = 200

// since returns the posts of a selection after a position, newest first: the oldest of them, if they
// are more than the limit. A client that continues from next misses none. If not all posts since are
// known, since returns the newest, incomplete.
func (t *Timeline) since(ctx context.Context, s selection, after hub.Position) (found selected, next hub.Position, err error) {
	events, tip := t.channel.Recent(everything)
	if after.Epoch == tip.Epoch && after.Offset >= tip.Offset { // another process gave the position, and this one lags behind
		return selected{tip: tip, complete: true}, after, nil
	}
	if after.Epoch == tip.Epoch && after.Offset+uint64(len(events)) >= tip.Offset { // the log holds all events since
		posts := slices.Clone(s.matching(latest(events)))
		slices.Reverse(posts)
		found, next = selected{tip: tip, complete: true, posts: posts}.after(after, s.limit)
		return found, next, nil
	}
	further := s
	further.limit = mostMissed
	if found, err = t.selectPosts(ctx, further); err != nil {
		return found, tip, err
	}
	if after.Epoch == found.tip.Epoch && found.older.Offset <= after.Offset+1 && found.complete {
		found, next = found.after(after, s.limit)
		return found, next, nil
	}
	found, err = t.selectPosts(ctx, s)
	found.complete = false
	return found, found.tip, err
}

// after returns those of the posts that are after a position: the oldest, if they are more than the
// limit. All later ones are after next.
func (s selected) after(position hub.Position, limit int) (found selected, next hub.Position) {
	s.older, next = hub.Position{}, s.tip
	s.posts = slices.DeleteFunc(s.posts, func(e entry) bool { return e.offset <= position.Offset })
	if surplus := len(s.posts) - limit; surplus > 0 {
		s.posts = s.posts[surplus:]
		next.Offset = s.posts[0].offset
	}
	return s, next
}
