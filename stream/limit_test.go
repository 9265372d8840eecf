package stream

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// bounding returns post as Bounded emits it.
func bounding(t *testing.T, post *Post) *Post {
	t.Helper()
	var got *Post
	src := Bounded(sourceFunc(func(_ context.Context, emit func(Op) error) error {
		return emit(Op{Kind: Create, At: recorded, ID: post.ID, Post: post})
	}))
	if err := src.Stream(t.Context(), func(op Op) error { got = op.Post; return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestBounded_TruncatesPostsAbove64KiB(t *testing.T) {
	const many = 1 << 18
	long := strings.Repeat("流", many)
	breaks := slices.Repeat([]Segment{{Text: "a"}, {Kind: Break, Text: "\n"}}, many)
	for name, change := range map[string]func(*Post){
		"text":  func(t *Post) { t.Text = []Segment{{Text: "begins"}, {Text: long}, {Text: "never"}} },
		"lines": func(t *Post) { t.Text = breaks },
		"a link": func(t *Post) {
			t.Text = []Segment{{Text: "begins"}, {Kind: Link, Text: long, Href: "https://a.example"}}
		},
		"warning":  func(t *Post) { t.Warning = long },
		"pictures": func(t *Post) { t.Media = []Media{{Kind: "image", Alt: long}, {}, {}, {}, {Alt: long}} },
		"author":   func(t *Post) { t.Author.Name = long },
		"reposter": func(t *Post) { t.RepostedBy = &Author{Handle: long} },
		"poll":     func(t *Post) { t.Poll = &Poll{Options: []PollOption{{Title: long}}} },
		"preview":  func(t *Post) { t.Preview = &LinkPreview{Description: long} },
		"quote":    func(t *Post) { t.Quote = &Quote{ID: "Q", URL: "https://a.example", Post: &Post{Text: breaks}} },
		"emoji":    func(t *Post) { t.Emoji = make([]CustomEmoji, many) },
	} {
		post := postOf("A", "text")
		change(post)
		got := bounding(t, post)
		doc, err := json.Marshal(got)
		if err != nil || got.size() > longestPost || len(doc) > 2*longestPost || !utf8.Valid(doc) || !got.Unsupported {
			t.Errorf("%s: %d bytes, %d as JSON, %v; marked %v", name, got.size(), len(doc), err, got.Unsupported)
		}
		if got.ID != "A" || got.Author.Key != post.Author.Key || (got.Warning == "") != (post.Warning == "") ||
			(got.Quote == nil) != (post.Quote == nil) || (len(got.Media) == 0) != (len(post.Media) == 0) {
			t.Errorf("%s: it isn't the same post: %.200s", name, doc)
		}
		if cut := post.Text[0].Text != "text"; cut && got.Text[len(got.Text)-1].Text != "…" || got.Text[0].Text != post.Text[0].Text {
			t.Errorf("%s: the text is cut unseen", name)
		}
	}
}

// A shortened text can still be read, but a shortened link, mention or hashtag would mean
// something else.
func TestBounded_ShortensPlainTextButDropsLongLinksMentionsAndHashtags(t *testing.T) {
	long := strings.Repeat("a", longestPost)
	for kind, wantPart := range map[SegmentKind]bool{Text: true, Link: false, Mention: false, Hashtag: false} {
		post := postOf("A", "text")
		post.Text = []Segment{{Text: "begins"}, {Kind: kind, Text: long}}
		got := bounding(t, post).Text
		part := len(got) == 3 && got[1].Kind == Text && strings.HasPrefix(long, got[1].Text) && got[1].Text != ""
		if got[len(got)-1].Text != "…" || part != wantPart || len(got) > 2 != wantPart {
			t.Errorf("%v: got %d segments, a part %v, want %v", kind, len(got), part, wantPart)
		}
	}
}

func TestBounded_LeavesPostsWithinTheLimitUnchanged(t *testing.T) {
	most := postOf("A", strings.Repeat("x", longestPost-leastSegment))
	most.Text[0].Text = most.Text[0].Text[most.Author.size():]
	if got := bounding(t, most); got != most {
		t.Errorf("a post of %d bytes was changed", most.size())
	}
	most.Text[0].Text += "x"
	if got := bounding(t, most); got == most || !strings.HasSuffix(PlainText(got.Text), "…") {
		t.Errorf("a post of %d bytes was not cut", most.size())
	}
}

func TestBounded_KeepsTheNameAndTheWaitsOfItsSource(t *testing.T) {
	if diff := cmp.Diff("somewhere", name(Bounded(named{}))); diff != "" || waitsOf(Bounded(named{})) != waitsOf(named{}) {
		t.Error(diff)
	}
}
