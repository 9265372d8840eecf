package main

import (
	"encoding/json"
	"log/slog"
	"slices"
	"testing"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/networks"
	"nagare/stream/query"
	"nagare/web"
)

// What a rule's preview counts of the newest posts is what the rule hides if they come again.
func TestDesk_APreviewCountsWhatTheRuleHides(t *testing.T) {
	all := samplePosts(t)
	var posts []*stream.Post
	for i := 0; i < len(all); i += 1 + len(all)/1000 { // of all networks, and not more than a preview looks at
		posts = append(posts, all[i])
	}
	st := new(store.Memory)
	for chunk := range slices.Chunk(posts, 100) {
		var events []hub.Event
		for _, p := range chunk {
			ev := hub.Event{Name: "create", Key: p.ID, Data: json.RawMessage("{}"), Index: &hub.Index{Time: p.CreatedAt}}
			ev.Index.Text, ev.Index.Terms = stream.SearchIndex(p)
			ev.Index.State = jsonOf(map[string]*stream.Post{"post": p})
			events = append(events, ev)
		}
		if _, err := st.Append(t.Context(), channel, events); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	timeline := web.NewTimeline(hub.New(hub.Options{Log: log, Store: st}), channel, st, networks.All, log)
	matched := 0
	for _, rule := range []string{
		"go", `"good morning"`, "雨", "#tokyo", "-has:media", "has:link", "has:poll", "has:quote", "lang:ja", "-lang:en", "source:bluesky",
		"source:mastodon", "-is:bot", "is:bot", "is:reply", "is:repost", "is:sensitive", "domain:bsky.social", "domain:social", "domain:example", "@mio",
	} {
		q, err := query.Parse(rule)
		if err != nil {
			t.Fatal(err)
		}
		preview, err := timeline.Preview(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		m := moderation.New(nil, moderation.Settings{Mode: moderation.After, Rules: []moderation.Rule{{ID: "1", Query: rule}}})
		hidden := 0
		for _, p := range posts {
			if held, why := m.Judge(p, nil); held == stream.Hidden {
				hidden++
				if want := "rule: " + rule; why.Why != want {
					t.Errorf("%s is hidden by %q, want %q", p.ID, why.Why, want)
				}
			}
		}
		if hidden > 0 {
			matched++
		}
		if preview.Matching != hidden || preview.Of != len(posts) || len(preview.Examples) != min(hidden, 3) {
			t.Errorf("%s: the preview says %d of %d, and the rule hides %d of %d", rule, preview.Matching, preview.Of, hidden, len(posts))
		}
	}
	if matched < 8 {
		t.Errorf("only %d rules hide a post", matched)
	}
}
