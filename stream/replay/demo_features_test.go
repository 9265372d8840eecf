package replay

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"nagare/stream"
)

func TestDemo_ShowsEveryFeatureOfACard(t *testing.T) {
	seen := map[string]int{}
	for _, op := range demoOps(t) {
		switch {
		case op.Kind == stream.Create && op.ID != op.Post.ID:
			seen["repost"]++
		case op.Kind == stream.Create:
			for _, feature := range features(op.Post) {
				seen[feature]++
			}
			fallthrough
		default:
			seen[string(op.Kind)]++
		}
	}
	for feature, atLeast := range map[string]int{
		"create": 300, "update": 15, "destroy": 3, "author_update": 2, "repost": 30,
		"en": 100, "ja": 90, "ar": 8, "ko": 8, "fr": 4, "es": 4, "de": 4, "hi": 4, "th": 3, "he": 6,
		"quote": 5, "lost quote": 1, "reply": 40, "thread": 3, "warning": 3, "sensitive": 2, "face": 200, "no face": 60,
		"1 pictures": 12, "2 pictures": 2, "3 pictures": 1, "4 pictures": 1, "6 pictures": 1,
		"4:5": 1, "1:1": 2, "4:3": 2, "3:2": 2, "16:9": 1, "2:1": 1, "very tall": 1, "very wide": 1,
		"video": 1, "gif": 1, "audio": 1, "preview": 1, "poll": 3,
		"link": 2, "mention": 3, "hashtag": 6, "hashtags at the end": 1, "emoji": 4, "emoji in a name": 1, "break": 15,
		"family": 2, "rainbow": 2, "flag": 1, "long": 5, "many lines": 2, "long word": 2, "both directions": 4, "combining": 1,
	} {
		if seen[feature] < atLeast {
			t.Errorf("%s: %d times, want %d or more", feature, seen[feature], atLeast)
		}
	}
}

// features returns a name for each feature that a post has: its languages, parts and layout.
func features(p *stream.Post) (found []string) {
	text := plain(p)
	for feature, there := range map[string]bool{
		p.Lang:                p.Lang != "",
		"quote":               p.Quoted() != nil,
		"lost quote":          p.Quote != nil && p.Quoted() == nil,
		"reply":               p.ReplyTo != nil && p.ReplyTo.Handle != p.Author.Handle,
		"thread":              p.ReplyTo != nil && p.ReplyTo.Handle == p.Author.Handle,
		"warning":             p.Warning != "",
		"sensitive":           p.Sensitive,
		"face":                p.Author.Avatar != "",
		"no face":             p.Author.Avatar == "",
		"emoji in a name":     len(p.Author.Emoji) > 0,
		"preview":             p.Preview != nil && p.Preview.Image != "",
		"poll":                p.Poll != nil,
		"hashtags at the end": hashtagsAtEnd(p) >= 5,
		"family":              strings.Contains(text, "👩‍👩‍👧‍👦"),
		"rainbow":             strings.Contains(text, "🏳️‍🌈"),
		"flag":                strings.Contains(text, "🇯🇵"),
		"long":                utf8.RuneCountInString(text) > 200,
		"many lines":          strings.Count(text, "\n") > 7 && len(text) > 300,
		"long word":           longestWord(text) > 60,
		"both directions":     strings.ContainsAny(text, "אבגדהابتةل") && strings.ContainsAny(text, "aeiou"),
		"combining":           strings.ContainsAny(text, "\u0334\u0335\u0336"),
	} {
		if there {
			found = append(found, feature)
		}
	}
	for _, s := range p.Text {
		found = append(found, string(s.Kind))
	}
	return append(found, mediaFeatures(p.Media)...)
}

// mediaFeatures returns names for the kinds and the number of media and, for a single picture,
// for its aspect ratio.
func mediaFeatures(media []stream.Media) (found []string) {
	pictures := 0
	for _, m := range media {
		if found = append(found, m.Kind); m.Preview != "" {
			pictures++
		}
	}
	found = append(found, strconv.Itoa(pictures)+" pictures")
	if pictures != 1 || media[0].Height == 0 {
		return found
	}
	ratio := float64(media[0].Width) / float64(media[0].Height)
	for name, of := range map[string]float64{"4:5": 4. / 5, "1:1": 1, "4:3": 4. / 3, "3:2": 3. / 2, "16:9": 16. / 9, "2:1": 2} {
		if math.Abs(ratio-of) < 0.01 {
			found = append(found, name)
		}
	}
	switch {
	case ratio < 0.5:
		found = append(found, "very tall")
	case ratio > 2.9:
		found = append(found, "very wide")
	}
	return found
}

// hashtagsAtEnd returns the number of hashtags at the end of a post, with only spaces between
// them.
func hashtagsAtEnd(p *stream.Post) (n int) {
	for _, s := range slices.Backward(p.Text) {
		switch {
		case s.Kind == stream.Hashtag:
			n++
		case strings.TrimSpace(s.Text) != "":
			return n
		}
	}
	return n
}

func plain(p *stream.Post) string {
	var text strings.Builder
	for _, s := range p.Text {
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
