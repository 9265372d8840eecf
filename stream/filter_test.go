package stream

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// saying is a post with that text. Words that begin with "#" are its hashtags.
func saying(text string) *Post {
	t := postOf("A", "")
	t.Text = nil
	for i, word := range strings.Split(text, " ") {
		if i > 0 {
			t.Text = append(t.Text, Segment{Text: " "})
		}
		s := Segment{Text: word}
		if strings.HasPrefix(word, "#") || strings.HasPrefix(word, "＃") {
			s.Kind = Hashtag
		}
		t.Text = append(t.Text, s)
	}
	return t
}

func TestFilter_FindsWholeWordsInAnySpellingAndScript(t *testing.T) {
	for _, test := range []struct {
		word, text string
		want       bool
	}{
		{"go", "I like Go!", true},
		{"GO", "ｇｏ in wide letters", true},
		{"go", "going gone ago", false},
		{"go", "going, then go", true},
		{"go", "日本goが好き", true},
		{"go", "go_mod", false},
		{"go", "go1", false},
		{"cafe\u0301", "a Café here", true},
		{"cafe", "a café here", false},
		{"straße", "STRASSE 5", true},
		{"live music", "Live\nMusic tonight", true},
		{"live music", "live  music", true},
		{"live music", "live musicians", false},
		{"don't", "Don't go", true},
		{"don't", "Don’t go", true},
		{"don’t", "don't go", true},
		{"istanbul", "in İstanbul", true},
		{"ISTANBUL", "in istanbul", true},
		{"محمد", "قال مُحَمَّد اليوم", true},
		{"שלום", "שָׁלוֹם לכולם", true},
		{"οδος", "ΟΔΟΣ 5", true},
		{"c++", "c++ and rust", true},
		{"spam", "s\u200bp\u00adam", true},
		{"東京", "私は東京都に住む", true},
		{"ラーメン", "らーめん食べたい", true},
		{"らーめん", "ﾗｰﾒﾝ大好き", true},
		{"ガス", "か\u3099す", true},
		{"กิน", "อยากกินข้าว", true},
		{"서울", "서울에서 만나요", true},
		{"서울", "북서울에서", false},
		{"спорт", "Спорт!", true},
		{"спорт", "транспорт", false},
		{"❤", "I ❤️ it", true},
		{"#tokyo", "see #Tokyo now", true},
		{"#tokyo", "see ＃ＴＯＫＹＯ", true},
		{"#tokyo", "see #tokyo2020", false},
		{"#tokyo", "tokyo", false},
		{"tokyo", "see #tokyo", true},
		{"#archaologie", "see #Archäologie", true},
		{"#Archäologie", "see #archaologie", true},
		{"#やき", "see #やぎ", false},
		{"nothing", "", false},
	} {
		for _, w := range []Wanted{{Words: []string{test.word}}, {Without: []string{test.word}}} {
			if want := test.want == (w.Words != nil); NewFilter(w).Keeps(saying(test.text)) != want {
				t.Errorf("words %q, without %q: keeps %q: %v, want %v", w.Words, w.Without, test.text, !want, want)
			}
		}
	}
}

func TestFilter_FindsHashtagsThatAreNotInTheText(t *testing.T) {
	post := saying("asleep")
	post.Tags = []string{"neko"}
	if !NewFilter(Wanted{Words: []string{"#Neko"}}).Keeps(post) {
		t.Error("a post with the hashtag was dropped")
	}
	if NewFilter(Wanted{Words: []string{"neko"}}).Keeps(post) {
		t.Error("a post without the word was kept")
	}
}

// everyPart is a post with a word in each part that its card shows.
func everyPart() *Post {
	votes := 3
	p := saying("text #tag")
	p.Author = Author{Key: "key:a", Handle: "handle@a.example", Name: "Anna Name"}
	p.RepostedBy = &Author{Key: "key:b", Handle: "reposthandle", Name: "Reposter"}
	p.ReplyTo = &Reply{Handle: "replied"}
	p.Warning, p.Tags = "warning", []string{"beside"}
	p.Media = []Media{{Kind: "image", Alt: "a described picture"}, {Kind: "audio", Alt: "a transcript"}}
	p.Poll = &Poll{Options: []PollOption{{Title: "first option", Votes: &votes}, {Title: "second"}}}
	p.Preview = &LinkPreview{URL: "https://a.example", Title: "Headline", Description: "a summary"}
	return p
}

var contentWords = []string{"text", "#tag", "tag", "#beside", "warning", "described picture", "transcript", "option", "second", "headline", "summary"}

var authorWords = []string{"handle", "Anna Name", "reposthandle", "reposter", "replied"}

func TestFilter_ExcludesAWordAnywhereOnTheCard(t *testing.T) {
	quoting := saying("nothing")
	quoting.Quote = &Quote{Post: everyPart()}
	for _, word := range slices.Concat(contentWords, authorWords) {
		f := NewFilter(Wanted{Without: []string{word}})
		if f.Keeps(everyPart()) {
			t.Errorf("%q is shown", word)
		}
		if f.Keeps(quoting) {
			t.Errorf("%q is shown in a quoted post", word)
		}
	}
	for _, word := range []string{"second headline", "picture a transcript", "nothing text", "unrelated"} {
		if f := NewFilter(Wanted{Without: []string{word}}); !f.Keeps(everyPart()) || !f.Keeps(quoting) {
			t.Errorf("%q is on no card, but excludes one", word)
		}
	}
}

func TestFilter_FindsAWordInTheContentOfThePostItself(t *testing.T) {
	quoting := saying("nothing")
	quoting.Quote = &Quote{Post: everyPart()}
	for _, word := range contentWords {
		f := NewFilter(Wanted{Words: []string{word}})
		if !f.Keeps(everyPart()) || f.Keeps(quoting) {
			t.Errorf("%q: keeps the post: %v, a post that quotes it: %v", word, f.Keeps(everyPart()), f.Keeps(quoting))
		}
	}
	for _, word := range authorWords {
		if NewFilter(Wanted{Words: []string{word}}).Keeps(everyPart()) {
			t.Errorf("%q is only in a name, but the post is kept", word)
		}
	}
}

func TestFilter_KeepsPostsThatMeetEveryCondition(t *testing.T) {
	ann := person("Ann")
	plain := saying("hello world")
	post := func(change func(*Post)) *Post {
		t := *plain
		change(&t)
		return &t
	}
	for name, test := range map[string]struct {
		f    *Filter
		t    *Post
		want bool
	}{
		"nothing set":                 {NewFilter(Wanted{}), plain, true},
		"one of the words":            {NewFilter(Wanted{Words: []string{"moon", "world"}}), plain, true},
		"none of the words":           {NewFilter(Wanted{Words: []string{"moon", "sun"}}), plain, false},
		"a word and one not wanted":   {NewFilter(Wanted{Words: []string{"world"}, Without: []string{"hello"}}), plain, false},
		"a word in the warning":       {NewFilter(Wanted{Words: []string{"war"}}), post(func(t *Post) { t.Warning = "War" }), true},
		"one not wanted in the quote": {NewFilter(Wanted{Without: []string{"moon"}}), post(func(t *Post) { t.Quote = &Quote{Post: saying("full moon")} }), false},
		"a word only in the quote":    {NewFilter(Wanted{Words: []string{"moon"}}), post(func(t *Post) { t.Quote = &Quote{Post: saying("full moon")} }), false},
		"the language":                {NewFilter(Wanted{Languages: []string{"ja", "EN"}}), post(func(t *Post) { t.Lang = "en-GB" }), true},
		"one of its languages":        {NewFilter(Wanted{Languages: []string{"en"}}), post(func(t *Post) { t.Lang, t.MoreLangs = "ja", []string{"de", "en-GB"} }), true},
		"none of its languages":       {NewFilter(Wanted{Languages: []string{"en"}}), post(func(t *Post) { t.Lang, t.MoreLangs = "ja", []string{"de"} }), false},
		"another language":            {NewFilter(Wanted{Languages: []string{"en"}}), post(func(t *Post) { t.Lang = "enm" }), false},
		"no language":                 {NewFilter(Wanted{Languages: []string{"en"}}), plain, false},
		"media":                       {NewFilter(Wanted{MediaOnly: true}), post(func(t *Post) { t.Media = []Media{{}} }), true},
		"no media":                    {NewFilter(Wanted{MediaOnly: true}), plain, false},
		"a repost":                    {NewFilter(Wanted{NoReposts: true}), post(func(t *Post) { t.RepostedBy = &ann }), false},
		"no repost":                   {NewFilter(Wanted{NoReposts: true}), plain, true},
		"a reply":                     {NewFilter(Wanted{NoReplies: true}), post(func(t *Post) { t.ReplyTo = &Reply{} }), false},
		"sensitive":                   {NewFilter(Wanted{NoSensitive: true}), post(func(t *Post) { t.Sensitive = true }), false},
		"with a warning":              {NewFilter(Wanted{NoSensitive: true}), post(func(t *Post) { t.Warning = "War" }), false},
		"a sensitive quote":           {NewFilter(Wanted{NoSensitive: true}), post(func(t *Post) { t.Quote = &Quote{Post: &Post{Sensitive: true}} }), false},
		"neither":                     {NewFilter(Wanted{NoSensitive: true}), post(func(t *Post) { t.Quote = &Quote{} }), true},
		"a blocked reposter":          {NewFilter(Wanted{Blocked: []string{"ann"}}), post(func(t *Post) { t.RepostedBy = &ann }), false},
		"a blocked author quoted":     {NewFilter(Wanted{Blocked: []string{"ann"}}), post(func(t *Post) { t.Quote = &Quote{Post: &Post{Author: ann}} }), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.f.Keeps(test.t); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestFilter_PassesEveryOpThatEndsAPost(t *testing.T) {
	f := NewFilter(Wanted{Words: []string{"kept"}, Blocked: []string{"spam.example"}})
	src := sourceFunc(func(_ context.Context, emit func(Op) error) error {
		spammer := Author{Key: "key:s", Handle: "x.spam.example"}
		for _, op := range []Op{
			created("A"), edited("B", "kept"), edited("C", "left out"), {Kind: Update, At: recorded, ID: "D", Earlier: []string{"C"}, Post: postOf("D", "edited")}, destroyed("E"),
			about(AuthorGone, person("Ann")), about(AuthorBack, person("Ann")), about(AuthorUpdate, person("Ann")),
			about(AuthorUpdate, spammer), {Kind: Lost, Notice: &Notice{}},
		} {
			emit(op)
		}
		return nil
	})
	var got []string
	err := Filtered(src, f).Stream(t.Context(), func(op Op) error {
		line := string(op.Kind) + " " + op.ID + strings.Join(op.Earlier, " ")
		if op.Author != nil {
			line += op.Author.Key
		}
		got = append(got, line)
		return nil
	})
	want := []string{"update B", "destroy C", "destroy DC", "destroy E", "author_gone key:Ann", "author_back key:Ann",
		"author_update key:Ann", "author_gone key:s", "lost "}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestFilter_AllocatesNothingWithoutConditions(t *testing.T) {
	f, op := NewFilter(Wanted{}), created("A")
	if allocs := testing.AllocsPerRun(100, func() { f.Apply(op) }); allocs != 0 {
		t.Errorf("%v allocations for a post", allocs)
	}
}

func BenchmarkFilter_KeepsByWords(b *testing.B) {
	f := NewFilter(Wanted{Words: []string{"moon", "live music", "#tokyo", "ラーメン"}, Without: []string{"spam", "crypto"}})
	t := saying(strings.Repeat("A post of the usual length, in which there is nothing to find. ", 3) + "灯瀬の夜 #hinose")
	b.ReportAllocs()
	for b.Loop() {
		f.Keeps(t)
	}
}

func TestFilter_RemovesPostsWithTheReasonUnwanted(t *testing.T) {
	f := NewFilter(Wanted{Words: []string{"text"}, Without: []string{"sale"}, Blocked: []string{"ann"}})
	for name, op := range map[string]Op{
		"an edit without the word": edited("A", "nothing"),
		"an author who is blocked": {Kind: AuthorUpdate, At: recorded, Author: &Author{Key: "key:author-of-A", Handle: "ann"}},
		"an unwanted name":         {Kind: AuthorUpdate, At: recorded, Author: &Author{Key: "key:author-of-A", Name: "Big SALE"}},
		"an edit with another id":  {Kind: Update, At: recorded, ID: "B", Earlier: []string{"A"}, Post: postOf("B", "nothing")},
	} {
		t.Run(name, func(t *testing.T) {
			if chosen, ok := f.Apply(op); !ok || chosen.Reason != Unwanted {
				t.Errorf("got %+v, %v", chosen, ok)
			}
		})
	}
}
