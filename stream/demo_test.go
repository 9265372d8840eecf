package stream

import (
	"encoding/xml"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// demoOps is the recording as it stands in the file.
func demoOps(t *testing.T) (ops []Op) {
	t.Helper()
	for line := range strings.Lines(demo) {
		op, err := decode([]byte(line))
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		ops = append(ops, op)
	}
	return ops
}

// demoTweets are all posts of the demo, as created and as edited.
func demoTweets(t *testing.T) (tweets []*Post) {
	t.Helper()
	for _, op := range demoOps(t) {
		if op.Post != nil {
			tweets = append(tweets, op.Post)
		}
	}
	return tweets
}

func TestDemo_FillsAPageAtOnceAndGoesOnForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := listen(t, Demo(), 800)
		began, atOnce, seen := got[0].when, 0, map[string]bool{}
		for _, op := range got {
			if op.when.Equal(began) && op.Kind == Create {
				atOnce++
			}
			if op.Kind == Create && seen[op.ID] {
				t.Errorf("%s was created twice", op.ID)
			}
			seen[op.ID] = true
		}
		if atOnce < 45 {
			t.Errorf("%d posts at once, want 45 or more", atOnce)
		}
		if rate := 800 / got[799].when.Sub(began.Add(-demoLead)).Seconds(); rate < 1.5 || rate > 3 {
			t.Errorf("%.1f ops a second, want about two", rate)
		}
	})
}

func TestDemo_ShowsEverythingThatACardCanShow(t *testing.T) {
	seen := map[string]int{}
	for _, op := range demoOps(t) {
		seen[string(op.Kind)]++
		if op.Kind == Create {
			for _, feature := range features(op.Post) {
				seen[feature]++
			}
		}
	}
	for feature, atLeast := range map[string]int{
		"create": 300, "update": 3, "destroy": 2,
		"en": 80, "ja": 80, "ar": 8, "ko": 8, "fr": 4, "es": 4, "de": 4, "hi": 4, "th": 4, "he": 4,
		"quote": 5, "lost quote": 1, "repost": 5, "reply": 30, "warning": 2, "sensitive": 2, "face": 200, "no face": 80,
		"1 pictures": 10, "2 pictures": 2, "4 pictures": 1, "described": 15, "undescribed": 2,
		"link": 3, "mention": 3, "hashtag": 2, "emoji": 2, "break": 5,
		"family": 2, "rainbow": 2, "flag": 1, "long": 3, "long word": 2, "both directions": 3, "combining": 1,
	} {
		if seen[feature] < atLeast {
			t.Errorf("%s: %d times, want %d or more", feature, seen[feature], atLeast)
		}
	}
}

func features(tweet *Post) (found []string) {
	add := func(feature string, there bool) {
		if there {
			found = append(found, feature)
		}
	}
	text := plain(tweet)
	add(tweet.Lang, tweet.Lang != "")
	add("quote", tweet.quoted() != nil)
	add("lost quote", tweet.Quote != nil && tweet.quoted() == nil)
	add("repost", tweet.RepostedBy != nil)
	add("reply", tweet.ReplyTo != nil)
	add("warning", tweet.Warning != "")
	add("sensitive", tweet.Sensitive)
	add("face", tweet.Author.Avatar != "")
	add("no face", tweet.Author.Avatar == "")
	add(string('0'+rune(len(tweet.Media)))+" pictures", true)
	for _, m := range tweet.Media {
		add("described", m.Alt != "")
		add("undescribed", m.Alt == "")
	}
	for _, s := range tweet.Text {
		add(string(s.Kind), s.Kind != Text)
	}
	add("family", strings.Contains(text, "👩‍👩‍👧‍👦"))
	add("rainbow", strings.Contains(text, "🏳️‍🌈"))
	add("flag", strings.Contains(text, "🇯🇵"))
	add("long", utf8.RuneCountInString(text) > 240)
	add("long word", longestWord(text) > 60)
	add("both directions", strings.ContainsAny(text, "אבגדהابتةل") && strings.ContainsAny(text, "aeiou"))
	add("combining", strings.ContainsAny(text, "\u0334\u0335\u0336"))
	return found
}

func plain(tweet *Post) string {
	var text strings.Builder
	for _, s := range tweet.Text {
		text.WriteString(s.Text)
	}
	return text.String()
}

func longestWord(text string) (longest int) {
	for word := range strings.FieldsSeq(text) {
		if ascii := len(word) == utf8.RuneCountInString(word); ascii {
			longest = max(longest, len(word))
		}
	}
	return longest
}

func TestDemo_EditsAndDeletesOnlyWhatItCreated(t *testing.T) {
	created, last := map[string]time.Time{}, time.Time{}
	for _, op := range demoOps(t) {
		if op.At.Before(last) {
			t.Errorf("%s goes back in time", op.ID)
		}
		last = op.At
		at, known := created[op.ID]
		switch {
		case op.Kind == Create && known:
			t.Errorf("%s is created twice", op.ID)
		case op.Kind == Create:
			created[op.ID] = op.At
		case !known:
			t.Errorf("%s of %s, which was never created", op.Kind, op.ID)
		case op.At.Sub(at) > 15*time.Second:
			t.Errorf("%s of %s comes when nobody looks any more", op.Kind, op.ID)
		}
	}
}

func TestDemo_LeadsNowhereButToExamples(t *testing.T) {
	for _, tweet := range demoTweets(t) {
		for _, address := range addresses(tweet) {
			u, err := url.Parse(address)
			if err != nil || u.Scheme != "https" || (u.Host != "example.com" && u.Host != "example.org") {
				t.Errorf("%s leads to %q", tweet.ID, address)
			}
		}
		if !utf8.ValidString(plain(tweet)) || strings.ContainsRune(plain(tweet), utf8.RuneError) {
			t.Errorf("%s is not UTF-8", tweet.ID)
		}
	}
}

func addresses(tweet *Post) []string {
	all := []string{tweet.URL, tweet.Author.URL}
	for _, s := range tweet.Text {
		if s.Href != "" {
			all = append(all, s.Href)
		}
	}
	if tweet.Quote != nil {
		all = append(all, tweet.Quote.URL)
	}
	if tweet.ReplyTo != nil {
		all = append(all, tweet.ReplyTo.URL)
	}
	return all
}

func TestDemo_KnowsTheSizesOfItsPictures(t *testing.T) {
	for _, tweet := range demoTweets(t) {
		for _, m := range tweet.Media {
			if w, h := sizeOf(t, m.Preview); m.Width != w || m.Height != h {
				t.Errorf("%s: %s is %d×%d, not %d×%d", tweet.ID, m.Preview, w, h, m.Width, m.Height)
			}
		}
		if face := tweet.Author.Avatar; face != "" {
			sizeOf(t, face)
		}
	}
}

func sizeOf(t *testing.T, address string) (width, height int) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", address))
	if err != nil {
		t.Fatal(err)
	}
	var svg struct {
		Width  int `xml:"width,attr"`
		Height int `xml:"height,attr"`
	}
	if err := xml.Unmarshal(file, &svg); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return svg.Width, svg.Height
}

// TestPictures_AreSmallAndInert holds what the page's content security policy
// would otherwise hide: a picture with a script or a style in it looks broken.
func TestPictures_AreSmallAndInert(t *testing.T) {
	files, err := filepath.Glob("../static/demo/*.svg")
	if err != nil || len(files) < 28 {
		t.Fatalf("%d pictures, want 28 or more; %v", len(files), err)
	}
	for _, path := range files {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 4<<10 {
			t.Errorf("%s has %d bytes, want 4 KiB or less", path, len(file))
		}
		for _, bad := range []string{"<script", "<style", "style=", "<image", "<foreignObject", `href="h`, "onload"} {
			if strings.Contains(string(file), bad) {
				t.Errorf("%s has a %s in it", path, bad)
			}
		}
	}
}
