package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream/query"
)

// selection says which posts of a timeline to return: the newest that match a query, or the newest
// of those before a position. Pages, JSON answers and feeds are selections.
type selection struct {
	query  query.Query  // the zero Query matches every post
	before hub.Position // only posts before it; zero: up to the newest
	limit  int          // most posts

	only func(*hub.Index) bool // nil: all that match the query
}

// selected are the posts of a selection, and what is known of the others.
type selected struct {
	posts    []entry      // newest first
	tip      hub.Position // end of the log as of which the posts are
	older    hub.Position // all other posts of the selection are before it; zero: there are no others
	complete bool         // false: posts are missing, because the history couldn't be searched

	held     int // posts in the log, which holds the newest
	matching int // of these, how many match the query
}

// errPosition is returned for a position that is not of the log, for example because the log has
// been replaced since.
var errPosition = errors.New("web: no such position in the log")

// selectPosts returns the posts of a selection: those that the log holds and, if they are too few,
// those of the history. If the history can't be searched, it returns what the log holds.
func (t *Timeline) selectPosts(ctx context.Context, s selection) (selected, error) {
	events, tip := t.channel.Recent(everything)
	end, err := endOf(s.before, tip)
	if err != nil {
		return selected{}, err
	}
	held := latest(events)
	matching := s.matching(held)
	out := selected{tip: tip, complete: true, held: len(held), matching: len(matching)}
	found := before(matching, end.Offset)
	if missing := s.limit + 1 - len(found); missing > 0 { // one more shows whether there are older ones
		if newer := before(held, end.Offset); len(newer) > 0 {
			end.Offset = newer[0].offset
		}
		var older []entry
		older, out.older, out.complete = t.older(ctx, s, end, missing)
		found = append(older, found...)
	}
	if surplus := len(found) - s.limit; surplus > 0 {
		found = found[surplus:]
		out.older = hub.Position{Epoch: tip.Epoch, Offset: found[0].offset}
	}
	out.posts = slices.Clone(found)
	slices.Reverse(out.posts)
	return out, nil
}

// until returns the moment that the posts on the page of a view precede; zero if they are the newest.
func (s selected) until(v view) time.Time {
	switch {
	case !v.at.IsZero() || v.before == hub.Position{}:
		return v.at
	case len(s.posts) > 0 && s.posts[0].index != nil:
		return s.posts[0].index.Time
	}
	return time.Time{}
}

// newest returns the position of the newest post. Without posts, it is that before which a selection
// looked for them.
func (s selected) newest(from selection) hub.Position {
	at := hub.Position{Epoch: s.tip.Epoch, Offset: from.before.Offset - 1}
	if len(s.posts) > 0 {
		at.Offset = s.posts[0].offset
	}
	return at
}

// endAfter returns a position before which the newest n posts that match a query include the first that
// follow another position, and at most n of these. It is the zero Position if the newest of all posts do.
func (t *Timeline) endAfter(ctx context.Context, q query.Query, after hub.Position, n int) (hub.Position, error) {
	begun, tip, few := time.Now(), t.channel.Tip().Offset, uint64(n)
	low, high := after.Offset, uint64(0) // up to low no post follows, and up to high more than n do, unless it is 0
	for end := min(after.Offset+few, tip); ; end = min(end, tip) {
		count, err := t.between(ctx, q, after, end, n)
		switch {
		case err != nil:
			return hub.Position{}, err
		case count > n:
			high = end
		case end == tip:
			return hub.Position{}, nil
		case count > 0, time.Since(begun) > searchTime:
			return hub.Position{Epoch: after.Epoch, Offset: end + 1}, nil
		default:
			low = end
		}
		if end = low + max(few, (high-min(low, high))/2); high == 0 {
			end = low + 4*(low-after.Offset)
		}
	}
}

// between counts the posts that match a query and follow a position, up to an offset. It counts to n+1.
func (t *Timeline) between(ctx context.Context, q query.Query, after hub.Position, end uint64, n int) (count int, err error) {
	found, err := t.selectPosts(ctx, selection{query: q, before: hub.Position{Epoch: after.Epoch, Offset: end + 1}, limit: n + 1})
	for _, e := range found.posts {
		if e.offset > after.Offset {
			count++
		}
	}
	return count, err
}

// endOf returns the position before which all posts of a selection are.
func endOf(before, tip hub.Position) (hub.Position, error) {
	end := hub.Position{Epoch: tip.Epoch, Offset: tip.Offset + 1}
	switch {
	case before == hub.Position{}:
		return end, nil
	case before.Epoch != tip.Epoch || before.Offset == 0 || before.Offset > end.Offset:
		return before, errPosition
	}
	return before, nil
}

// narrows reports whether not all posts are of the selection.
func (s selection) narrows() bool { return !s.query.IsZero() || s.only != nil }

// accepts reports whether a post is of the selection, wherever it is in the log.
func (s selection) accepts(x *hub.Index) bool {
	return s.query.Matches(x.Text, x.Terms) && (s.only == nil || s.only(x))
}

// matching returns the entries that are of the selection.
func (s selection) matching(entries []entry) []entry {
	if !s.narrows() {
		return entries
	}
	var found []entry
	for _, e := range entries {
		if e.index != nil && s.accepts(e.index) {
			found = append(found, e)
		}
	}
	return found
}

// The bounds on searches in the history.
const (
	searchesAtOnce = 4
	searchPatience = 2 * time.Second // for a turn
	searchTime     = time.Second     // after which a search is not continued
)

// older returns at most n entries of the history that are of a selection and before a position, oldest
// first. All others are before the position further; if it is zero, there are no others. If the
// history can't be searched now, read is false.
func (t *Timeline) older(ctx context.Context, s selection, end hub.Position, n int) (entries []entry, further hub.Position, read bool) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	search := store.Query{Before: end, Limit: n}
	if s.narrows() {
		done, ok := t.searches.take(ctx)
		if !ok {
			return nil, hub.Position{}, false
		}
		defer done()
		search.Words, search.Terms = s.query.Needs()
		search.Match = s.accepts
	}
	for begun := time.Now(); ; search.Before = further {
		search.Limit = n - len(entries)
		records, more, err := t.history.Records(ctx, t.name, search)
		if err != nil {
			t.log.Warn("older posts not found", "before", search.Before, "err", err)
			return nil, hub.Position{}, false
		}
		for _, r := range records {
			entries = append(entries, entry{r.Key, r.First.Offset, r.Data, &r.Index})
		}
		further = more
		if further == (hub.Position{}) || len(entries) == n || time.Since(begun) > searchTime {
			slices.Reverse(entries)
			return entries, further, true
		}
	}
}
