package x

import (
	"testing"

	"nagare/stream"
)

func TestRuleFor_ExcludesPostsThatWouldBeBilledButNotShown(t *testing.T) {
	for _, test := range []struct {
		wanted stream.Wanted
		want   string
	}{
		{stream.Wanted{}, ""},
		{stream.Wanted{Languages: []string{"en"}}, ""},
		{stream.Wanted{Words: []string{"go"}}, "go"},
		{stream.Wanted{Words: []string{"go", "live music", "#tokyo"}, Without: []string{"spam"}}, `(go OR "live music" OR #tokyo) -spam`},
		{
			stream.Wanted{Words: []string{"go"}, Languages: []string{"en", "ja"}, NoReposts: true, NoReplies: true, MediaOnly: true, NoSensitive: true},
			"go (lang:en OR lang:ja) -is:retweet -is:reply has:media",
		},
		{
			stream.Wanted{Words: []string{"go"}, Languages: []string{"zh-TW", "zh-Hans", "iw", "in", "nb", "pt-BR", "fil", "xx"}},
			"go (lang:zh OR lang:he OR lang:id OR lang:no OR lang:pt OR lang:tl OR lang:xx)",
		},
	} {
		if got := ruleFor(test.wanted); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
