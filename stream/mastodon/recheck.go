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
	recheckedPosts    = 100 // how many of the posts met last are looked up
	lookupSize        = 20  // the most that a server looks up at once
	mostSingleLookups = 40  // how many of those it didn't find are asked for one by one

	clockSkew = time.Minute // by which the server's clock may be behind ours
)

// recheck looks up what became of the posts met last while we didn't hear: nobody
// repeats a delete or an edit.
func (f *connection) recheck(ctx context.Context, api *apiClient, since time.Time) {
	f.mu.Lock()
	posts := f.m.index.newest(recheckedPosts)
	f.mu.Unlock()
	singly := mostSingleLookups
	for some := range slices.Chunk(posts, lookupSize) {
		found, err := f.lookUp(ctx, api, some)
		if err != nil && !stream.IsPermanent(err) { // only servers since Mastodon 4.3 look up many
			return
		}
		for _, post := range some {
			switch s := found[post.local]; {
			case s != nil:
				f.edited(s, since)
			case singly > 0:
				singly--
				f.lookUpOne(ctx, api, post.local, since)
			}
		}
	}
}

// lookUp asks for several posts.
func (f *connection) lookUp(ctx context.Context, api *apiClient, posts []indexEntry) (map[statusID]*status, error) {
	query := url.Values{}
	for _, p := range posts {
		query.Add("id[]", string(p.local))
	}
	var docs []json.RawMessage
	if err := api.get(ctx, "/api/v1/statuses", query, &docs); err != nil {
		return nil, err
	}
	found := map[statusID]*status{}
	for _, s := range f.statuses(docs) {
		found[s.ID] = s
	}
	return found, nil
}

// edited emits a post again if it has been edited since, or is no longer for everybody,
// which is no edit.
func (f *connection) edited(s *status, since time.Time) {
	v := view{unlisted: f.m.Unlisted}
	if v.isPublic(s) && parseTime(s.EditedAt).Before(since.Add(-clockSkew)) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.post(stream.Update, s)
}

// lookUpOne asks for one post, and emits a delete if the server says itself that there
// is none.
func (f *connection) lookUpOne(ctx context.Context, api *apiClient, local statusID, since time.Time) {
	var doc json.RawMessage
	err := api.get(ctx, "/api/v1/statuses/"+url.PathEscape(string(local)), nil, &doc)
	var status *stream.StatusError
	switch {
	case err == nil:
		for _, s := range f.statuses([]json.RawMessage{doc}) {
			f.edited(s, since)
		}
	case errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusGone):
		f.mu.Lock()
		defer f.mu.Unlock()
		f.destroy(string(local), stream.Unavailable)
	}
}
