package web

import (
	"cmp"
	"net/http"
	"strings"

	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/query"
	"nagare/stream/reconcile"
)

// allowPosts is how many posts by authors with a handle are looked at.
const allowPosts = 200

// allow finds the author whom a moderator means by a handle. The network can be written before it, as in
// bluesky:ann.example. If no post by such an author is here, the handle alone counts.
func (a *admin) allow(r *http.Request, action *moderation.Action) error {
	handle, network := strings.TrimPrefix(action.Value, "@"), ""
	if id, rest, found := strings.Cut(handle, ":"); found && a.timeline.publisher.networks.of(id) == id {
		network, handle = id, strings.TrimPrefix(rest, "@")
	}
	terms := query.From(handle)
	if len(terms) == 0 {
		return refuse(http.StatusBadRequest, "handle", "want the handle of an author, as in @ann.example or bluesky:ann.example")
	}
	keys := map[string]string{} // by network: of the author of the newest post
	for _, t := range []*Timeline{a.timeline, a.desk} {
		records, _, err := t.history.Records(r.Context(), t.name, store.Query{Terms: terms[:1], Limit: allowPosts})
		if err != nil {
			return refuse(http.StatusServiceUnavailable, "store", storeAway)
		}
		for _, record := range records {
			post := reconcile.SavedPost(record.Index.State)
			if post == nil || !strings.EqualFold(post.Author.Handle, handle) || cmp.Or(network, post.Source) != post.Source {
				continue
			}
			if keys[post.Source] == "" {
				keys[post.Source] = post.Author.KeyAt(post.Source)
			}
		}
	}
	action.Value, action.Author = handle, ""
	switch {
	case len(keys) > 1:
		return refuse(http.StatusBadRequest, "handle", "want the network before the handle, as in bluesky:ann: several authors have this handle")
	case len(keys) == 1:
		for _, key := range keys {
			action.Author = key
		}
	case network != "":
		action.Author = (&stream.Author{Handle: handle}).KeyAt(network)
	}
	return nil
}
