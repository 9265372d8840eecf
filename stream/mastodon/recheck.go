package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"nagare/stream"
)

const (
	recheckedPosts    = 100 // how many of the latest posts are looked up
	lookupSize        = 20  // the most posts that a server returns for one request
	mostSingleLookups = 40  // the most requests for single posts that were missing from the other responses

	clockSkew = time.Minute // how far the clocks of other servers may be behind, whose edits the server passes on
)

// recheck looks up the latest posts after a break, because the stream doesn't repeat missed
// edits and deletes. Since is the time of the break.
func (c *connection) recheck(ctx context.Context, api *apiClient, since time.Time) {
	c.mu.Lock()
	posts := c.source.index.newest(recheckedPosts)
	c.mu.Unlock()
	single := mostSingleLookups
	for chunk := range slices.Chunk(posts, lookupSize) {
		found, err := c.lookUp(ctx, api, chunk)
		if err != nil && !stream.IsPermanent(err) { // servers before Mastodon 4.3 refuse the request
			return
		}
		for _, post := range chunk {
			switch s := found[post.local]; {
			case s != nil:
				c.emitChanged(s, since)
			case single > 0:
				single--
				c.lookUpOne(ctx, api, post.local, since)
			}
		}
	}
}

// lookUp requests several posts at once.
func (c *connection) lookUp(ctx context.Context, api *apiClient, posts []indexEntry) (map[statusID]*status, error) {
	query := url.Values{}
	for _, p := range posts {
		query.Add("id[]", string(p.local))
	}
	var docs []json.RawMessage
	if _, err := api.get(ctx, "/api/v1/statuses", query, &docs); err != nil {
		return nil, err
	}
	found := map[statusID]*status{}
	for _, s := range c.statuses(docs) {
		found[s.ID] = s
	}
	return found, nil
}

// lookUpOne requests one post, and emits a delete if the server answers that it doesn't exist.
func (c *connection) lookUpOne(ctx context.Context, api *apiClient, local statusID, since time.Time) {
	var doc json.RawMessage
	_, err := api.get(ctx, "/api/v1/statuses/"+url.PathEscape(string(local)), nil, &doc)
	var refusal *stream.StatusError
	switch {
	case err == nil:
		for _, s := range c.statuses([]json.RawMessage{doc}) {
			c.emitChanged(s, since)
		}
	case errors.As(err, &refusal) && !refusal.Foreign && (refusal.Code == http.StatusNotFound || refusal.Code == http.StatusGone):
		c.mu.Lock()
		defer c.mu.Unlock()
		c.destroy(string(local), stream.Unavailable)
	}
}

// emitChanged emits an update if the index has an older version of the post. It also does so if
// the post was edited after since, because an update that was emitted at the end of the last
// connection may not have arrived, and if the post is no longer public, because a change of
// visibility has no date.
func (c *connection) emitChanged(s *status, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := view{unlisted: c.source.Unlisted}
	if v.isPublic(s) && !c.source.index.hasOlder(s) && parseTime(s.EditedAt).Before(since.Add(-clockSkew)) {
		return
	}
	c.post(stream.Update, s, false)
}
