package text

import (
	"strings"
	"testing"
	"time"
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

func TestFinder_LimitsTheNumberOfSearches(t *testing.T) {
	f := NewFinder(strings.Repeat("#a ", 1<<19))
	began := time.Now()
	for range 100_000 {
		f.Find(0, 2, "#b")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("100,000 parts that are not in the text took %v", took)
	}
}
