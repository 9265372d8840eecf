package text

import (
	"strings"
	"testing"
)

func TestFinder_FindsAPartWhoseOffsetsAreWrong(t *testing.T) {
	const text = "🚲 A &amp; B #go #Golang @Mio https://t.co/a @mio ＃go"
	for name, tt := range map[string]struct {
		start, end int
		forms      []string
		want       string // beginning of the text from the found part on; empty: not found
	}{
		"at its offsets":          {12, 15, []string{"#go"}, "#go #Golang"},
		"in another case":         {24, 28, []string{"@mio"}, "@Mio https"},
		"after an escape":         {8, 11, []string{"#go"}, "#go #Golang"},
		"after an astral letter":  {25, 29, []string{"@mio"}, "@Mio https"},
		"the nearest of two":      {47, 51, []string{"@mio"}, "@mio ＃go"},
		"one of several forms":    {60, 63, []string{"#g", "＃go"}, "＃go"},
		"no part of a longer tag": {12, 15, []string{"#golan"}, ""},
		"no offsets":              {-1, -1, []string{"https://t.co/a"}, "https://t.co/a @mio"},
		"not in the text":         {12, 15, []string{"#rust"}, ""},
		"nothing":                 {12, 15, []string{""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			from, to, ok := NewFinder(text).Find(tt.start, tt.end, tt.forms...)
			if ok != (tt.want != "") || ok && (!strings.HasPrefix(text[from:], tt.want) || !strings.EqualFold(text[from:to], tt.forms[len(tt.forms)-1])) {
				t.Errorf("got %v, %q, want %q", ok, text[from:to], tt.want)
			}
		})
	}
}

// Each search reads the whole text, and a message can have any number of entities.
func TestFinder_SearchesForNoMoreEntitiesThanTheLimit(t *testing.T) {
	f := NewFinder("#a #b #c")
	for range mostSearches - 1 {
		f.Find(0, 2, "#missing")
	}
	if _, _, ok := f.Find(0, 2, "#c"); !ok {
		t.Error("the last entity within the limit was not found")
	}
	if from, _, ok := f.Find(0, 2, "#c"); ok {
		t.Errorf("found at %d after the limit", from)
	}
	if from, _, ok := f.Find(3, 5, "#b"); !ok || from != 3 {
		t.Error("an entity at its offsets was not found after the limit")
	}
}
