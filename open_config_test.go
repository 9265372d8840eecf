package main

import (
	"slices"
	"testing"

	"nagare/stream/networks"
)

func TestOpenData_LeavesOutThePostsOfXUnlessTheOperatorSaysOtherwise(t *testing.T) {
	all := []string{"post", "replay"}
	for _, n := range networks.All {
		all = append(all, n.ID)
	}
	for value, want := range map[string][]string{
		"":             {"post", "replay", "bluesky", "mastodon"},
		"on":           {"post", "replay", "bluesky", "mastodon"},
		"all":          all,
		"off":          nil,
		"bluesky,post": {"post", "bluesky"},
		"x":            {"x"},
	} {
		c, _, err := configured(nil, "SOURCE=none", "OPEN_DATA="+value)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, source := range all {
			if c.open != nil && c.open(source) {
				got = append(got, source)
			}
		}
		if !slices.Equal(got, want) || (c.open == nil) != (value == "off") {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

func TestOpenData_AWrongSourceSaysWhatIsWanted(t *testing.T) {
	const want = `, want on, all or off, or sources of post, replay, bluesky, mastodon, x, twitter`
	wantFaults(t, map[string]string{
		"OPEN_DATA=yes":         `OPEN_DATA: "yes"` + want,
		"OPEN_DATA=bluesky,all": `OPEN_DATA: "all"` + want,
		"OPEN_DATA=,":           `OPEN_DATA: nothing in it` + want,
		"INDEX=yes":             `INDEX: "yes", want on or off`,
	})
}
