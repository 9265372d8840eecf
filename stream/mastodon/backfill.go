package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"nagare/stream"
)

const (
	mostPages        = 5               // pages in one backfill
	mostTries        = 3               // requests for one page
	longestRetryWait = 5 * time.Minute // if the server wants a longer wait, the backfill ends
)

// errTooManyMissed is the reason of a gap that remains because a backfill has at most mostPages
// pages.
var errTooManyMissed = errors.New("more was missed than is requested")

// backfill requests what was missed between the position from and the time began, when the
// stream was opened (by the server's clock): first the posts, then the edits and deletes of
// earlier posts. It reports as a gap what it can't get.
func (c *connection) backfill(ctx context.Context, api *apiClient, from cursor, began time.Time) {
	if from.at.IsZero() { // the first start: nothing was missed
		return
	}
	err := errors.New("no post arrived before the break, so the position in the timeline is unknown")
	to := from
	if from.id != "" {
		to, err = c.pages(ctx, api, from, began)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil && c.emitGap(to.at, began, err) != nil {
		return
	}
	c.backfilled(to, true)
	c.recheck(ctx, api, from.at)
}

// pages emits the posts of the timeline after the position at, the oldest page first, and
// returns the new position. If it began with the newest page and were then interrupted, posts
// below that page would be missing, and the position wouldn't show it.
func (c *connection) pages(ctx context.Context, api *apiClient, at cursor, began time.Time) (cursor, error) {
	full := false
	for range mostPages {
		page, err := c.page(ctx, api, at.id)
		if err != nil {
			return at, err
		}
		if len(page) == 0 || !at.id.before(page[len(page)-1].ID) || !c.emitPage(page, began) {
			return at, nil
		}
		last := page[len(page)-1]
		if at.id = last.ID; parseTime(last.CreatedAt).After(at.at) {
			at.at = parseTime(last.CreatedAt)
		}
		c.backfilled(at, false)
		if full = len(page) >= pageSize; !full && at.at.After(began) { // all later posts come from the stream
			return at, nil
		}
	}
	if full {
		return at, errTooManyMissed
	}
	return at, nil
}

// page requests the first posts after an id, and returns them with the oldest first.
func (c *connection) page(ctx context.Context, api *apiClient, after statusID) ([]*status, error) {
	query := url.Values{"min_id": {string(after)}, "limit": {strconv.Itoa(pageSize)}}
	for key, values := range api.timeline.pageQuery {
		query[key] = values
	}
	var docs []json.RawMessage
	err := retry(ctx, c.source.Waits(), func() error {
		_, err := api.get(ctx, "/api/v1/timelines/"+api.timeline.pages, query, &docs)
		return err
	})
	if err != nil {
		return nil, err
	}
	page := c.statuses(docs)
	slices.SortFunc(page, func(a, b *status) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return page, nil
}

// retry calls do until it succeeds or returns a permanent error, at most mostTries times.
func retry(ctx context.Context, rules stream.Waits, do func() error) error {
	pauses := stream.Backoff{Waits: rules}
	for try := 1; ; try++ {
		err := do()
		if err == nil || stream.IsPermanent(err) || try == mostTries {
			return err
		}
		pause := pauses.Next(err, 0)
		if pause > longestRetryWait || stream.Sleep(ctx, pause) != nil {
			return err
		}
	}
}

// statuses decodes posts, and leaves out the invalid ones.
func (c *connection) statuses(docs []json.RawMessage) []*status {
	var page []*status
	for _, doc := range docs {
		event, err := decodePost(stream.Create, doc)
		if err != nil {
			c.mu.Lock()
			c.note(stream.Plain(err).Error(), "")
			c.mu.Unlock()
		}
		if event.status != nil {
			page = append(page, event.status)
		}
	}
	return page
}

// emitPage emits posts. Those written before the time began are late. The result is false if emit
// has failed.
func (c *connection) emitPage(page []*status, began time.Time) bool {
	for _, s := range page {
		c.mu.Lock()
		err := c.post(stream.Create, s, !parseTime(s.CreatedAt).After(began))
		c.mu.Unlock()
		if err != nil {
			return false
		}
	}
	return true
}

// emitGap reports a gap. If it would end before it begins, because a post was dated in the future,
// it has no length.
func (c *connection) emitGap(from, to time.Time, why error) error {
	from = stream.Earliest(from, to)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.emitOp(stream.NewNotice(c.source, stream.Gap, stream.Notice{From: from, To: to, Reason: stream.Plain(why).Error()}))
}
