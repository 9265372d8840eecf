package stream

import "testing"

func TestFilter_KnowsTheCodesAndVarietiesOfLanguages(t *testing.T) {
	for _, test := range []struct {
		wanted, given string
		want          bool
	}{
		{"en", "en-GB", true},
		{"en-GB", "en", true}, // most authors name no variety
		{"en-GB", "en-US", false},
		{"EN", "en", true},
		{"he", "iw", true},
		{"iw", "he", true},
		{"id", "in", true},
		{"no", "nb", true},
		{"nb", "no", true},
		{"nn", "nb", true},
		{"no", "da", false},
		{"zh-TW", "zh", true},
		{"zh-TW", "zh-Hant", true},
		{"zh-TW", "zh-Hant-TW", true},
		{"zh-TW", "zh-HK", false},
		{"zh-TW", "zh-Hans", false},
		{"zh-TW", "zh-CN", false},
		{"zh-Hans", "zh-CN", true},
		{"zh-Hans", "zh-SG", true},
		{"zh-CN", "zh-Hans", true},
		{"zh-CN", "zh_CN", true},
		{"zh-CN", "cmn-Hans-CN", true},
		{"zh", "zh-YUE", true}, // Mastodon's code for Cantonese
		{"yue", "zh-YUE", true},
		{"yue", "zh", false},
		{"fil", "tl", true},
		{"pt-BR", "pt-PT", false},
		{"es-419", "es-MX", true},
		{"es-419", "es-ES", false},
		{"sr-Latn", "sh", true},
		{"sr-Latn", "sr-Cyrl", false},
		{"ja", "ja-JP", true},
		{"xx", "xx", true}, // no language, but the network and the operator agree
		{"xx", "xx-YY", true},
		{"xx", "yy", false},
		{"en", "enm", false},
		{"en", "und", false},
		{"en", "", false},
	} {
		f := NewFilter(Wanted{Languages: []string{test.wanted}})
		post := saying("hello")
		post.Lang = test.given
		if got := f.Keeps(post); got != test.want {
			t.Errorf("%q wanted: keeps a post in %q: %v, want %v", test.wanted, test.given, got, test.want)
		}
		post.Lang, post.MoreLangs = "ko", []string{test.given}
		if got := f.Keeps(post); got != test.want {
			t.Errorf("%q wanted: keeps a post in Korean and %q: %v, want %v", test.wanted, test.given, got, test.want)
		}
	}
}
