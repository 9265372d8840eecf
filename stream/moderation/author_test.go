package moderation

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestSettings_OfAnEarlierVersionListHandles(t *testing.T) {
	var s Settings
	if err := json.Unmarshal([]byte(`{"mode":"before","allowed":["ann",{"key":"bluesky:1","handle":"ben"}]}`), &s); err != nil {
		t.Fatal(err)
	}
	if want := []Author{{Handle: "ann"}, {Key: "bluesky:1", Handle: "ben"}}; !slices.Equal(s.Allowed, want) {
		t.Errorf("got %+v, want %+v", s.Allowed, want)
	}
}
