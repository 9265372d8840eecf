//go:build !race

package web_test

import "testing"

// The budgets are two percent above the numbers at the time of writing: work for each post that is
// then thrown away shows here, such as parsing an address that is in its final form. With the race
// detector, a sync.Pool drops items at random.
func TestIngest_AllocatesWithinItsBudget(t *testing.T) {
	const posts = 500
	for name, budget := range map[string]float64{"bluesky": 265, "mastodon": 377, "x": 319, "twitter": 325} {
		path := manyPosts(t, name, posts)
		if got := testing.AllocsPerRun(1, func() { ingestAll(t, path, posts) }) / posts; got > budget {
			t.Errorf("%s: %.0f allocations per post, want at most %.0f", name, got, budget)
		}
	}
}
