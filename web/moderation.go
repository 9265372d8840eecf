package web

import (
	"context"
	"encoding/json"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/query"
	"nagare/stream/reconcile"
)

// Moderation is what the pages of the moderators work with. Its methods are safe for concurrent use.
type Moderation interface {
	// Act carries out an action. The error is a *moderation.Error or a *query.Error if the action is
	// wrong; then nothing was done.
	Act(ctx context.Context, a moderation.Action) (moderation.Entry, error)

	Settings() moderation.Settings

	// Audit returns the newest n entries before a position, the newest first, and the position before
	// which all others are; both positions can be zero.
	Audit(ctx context.Context, before hub.Position, n int) ([]moderation.Entry, hub.Position, error)

	// Claim tells all moderators that one of them looks at a post that waits, for 30 seconds. It
	// returns the name of the holder: of two moderators, the first.
	Claim(ctx context.Context, id, by string) (holder string, err error)
}

// HeldPost is a post that only moderators see.
type HeldPost struct {
	ID       string          `json:"id"`
	Author   string          `json:"author"` // Key of the author
	Handle   string          `json:"screen_name"`
	HTML     string          `json:"html"`
	Held     stream.Held     `json:"held"`
	Decision stream.Decision `json:"decision"`
}

// Held returns the newest n posts before a position that are held for a reason, the newest first, and
// the position before which all others are; both positions can be zero. t is the timeline of the desk.
func (t *Timeline) Held(ctx context.Context, why stream.Held, before hub.Position, n int) ([]HeldPost, hub.Position, error) {
	records, older, err := t.history.Records(ctx, t.name, store.Query{Terms: []string{HeldTerm(why)}, Before: before, Limit: n})
	if err != nil {
		return nil, hub.Position{}, err
	}
	posts := make([]HeldPost, len(records))
	for i, r := range records {
		if err := json.Unmarshal(r.Data, &posts[i]); err != nil {
			return nil, hub.Position{}, err
		}
	}
	return posts, older, nil
}

// Preview says what a rule would have hidden.
type Preview struct {
	Of       int       // how many of the newest posts were looked at
	Matching int       // how many of them match
	Examples []Example // the newest three of these
}

// Example is a post that a rule would have hidden.
type Example struct {
	Handle  string    `json:"screen_name"`
	Text    string    `json:"text"`
	Created time.Time `json:"created_at"`
}

const (
	previewPosts    = 1000
	previewExamples = 3
)

// Preview applies a query to the newest posts.
func (t *Timeline) Preview(ctx context.Context, q query.Query) (p Preview, err error) {
	records, _, err := t.history.Records(ctx, t.name, store.Query{Limit: previewPosts})
	for _, r := range records {
		if p.Of++; !wouldHide(q, r) {
			continue
		}
		if p.Matching++; len(p.Examples) < previewExamples {
			var e Example
			if err := json.Unmarshal(r.Data, &e); err != nil {
				return p, err
			}
			p.Examples = append(p.Examples, e)
		}
	}
	return p, err
}

// wouldHide reports whether a rule with that query would have hidden a post.
func wouldHide(q query.Query, r store.Record) bool {
	if post := reconcile.SavedPost(r.Index.State); post != nil {
		return moderation.Matches(q, post)
	}
	return q.Matches(r.Index.Text, r.Index.Terms)
}
