//go:build !race

package web_test

import (
	"testing"

	"nagare/store"
)

// The budgets are two percent above the numbers at the time of writing: work for each post that is
// then thrown away shows here, such as parsing an address that is in its final form, or search
// text for a store that doesn't exist. With the race detector, a sync.Pool drops items at random.
func TestIngest_AllocatesWithinItsBudget(t *testing.T) {
	const posts = 500
	for name, budget := range map[string]struct{ hub, stored float64 }{
		"bluesky": {198, 222}, "mastodon": {310, 332}, "x": {256, 279}, "twitter": {266, 291},
	} {
		path := manyPosts(t, name, posts)
		if got := testing.AllocsPerRun(1, func() { ingestAll(t, path, posts, nil) }) / posts; got > budget.hub {
			t.Errorf("%s: %.0f allocations per post without a store, want at most %.0f", name, got, budget.hub)
		}
		if got := testing.AllocsPerRun(1, func() { ingestAll(t, path, posts, new(store.Memory)) }) / posts; got > budget.stored {
			t.Errorf("%s: %.0f allocations per post, want at most %.0f", name, got, budget.stored)
		}
	}
}
