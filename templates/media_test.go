package templates

import (
	"fmt"
	"strings"
	"testing"
)

func TestMedia_HasTheClassOfTheNearestAspectRatio(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{0, 0, "media__item--unknown"}, {-1, 5, "media__item--unknown"}, {100, 1000, "media__item--9x16"}, {600, 900, "media__item--2x3"},
		{800, 1000, "media__item--4x5"}, {500, 500, "media__item--1x1"}, {1200, 900, "media__item--4x3"}, {1920, 1080, ""}, {5000, 100, ""},
	} {
		if got := (Media{Width: c.width, Height: c.height}).shape(); got != c.want {
			t.Errorf("%d by %d: got %q, want %q", c.width, c.height, got, c.want)
		}
	}
}

func TestMedia_ShowsTheWordForASoundOrAnAnimation(t *testing.T) {
	for kind, hidden := range map[string]bool{"audio": false, "gif": false, "video": true} {
		got := render(t, image(Media{Kind: kind, Preview: "https://a.example/1.png"}, 0))
		if strings.Contains(got, `class="media__word hidden"`) != hidden || !strings.Contains(got, `data-t="`+kind+`"`) {
			t.Errorf("%s: got %s, want a hidden word: %v", kind, got, hidden)
		}
	}
}

func TestCard_PicturesDeclareTheirSize(t *testing.T) {
	for _, n := range elements(t, render(t, Card(fullPost("a:1", "x")))) {
		if n.Data == "img" && (attr(n, "width") == "" || attr(n, "height") == "" || attr(n, "loading") != "lazy") {
			t.Errorf("picture %s: %v", attr(n, "src"), n.Attr)
		}
	}
}

func TestCard_CoversTheAttachmentsOfASensitivePost(t *testing.T) {
	image, file, preview := []Media{{Kind: "image", Preview: "https://a.example/1.png"}}, []File{{URL: "https://a.example/b"}}, &Preview{URL: "https://a.example/p"}
	for name, c := range map[string]struct {
		attached Post
		covered  bool
	}{
		"nothing":          {Post{}, false},
		"a picture":        {Post{Media: image}, true},
		"a file":           {Post{Files: file}, true},
		"both":             {Post{Media: image, Files: file}, true},
		"a preview":        {Post{Preview: preview}, true},
		"a preview, files": {Post{Files: file, Preview: preview}, true},
	} {
		c.attached.Sensitive = true
		if card := render(t, Card(c.attached)); strings.Contains(card, `class="cover"`) != c.covered {
			t.Errorf("%s: want a cover %v, got\n%s", name, c.covered, card)
		}
	}
}

// Browsers fetch a hidden picture that isn't lazy.
func TestEager_LeavesPicturesLazyThatTheCardHides(t *testing.T) {
	p := Post{ID: "a:1"}
	for i := range 6 {
		p.Media = append(p.Media, Media{Kind: "image", Preview: fmt.Sprintf("https://a.example/%d.png", i)})
	}
	card := Eager(render(t, Card(p)))
	if lazy, all := strings.Count(card, `loading="lazy"`), strings.Count(card, "<img"); lazy != 2 || all != 6 {
		t.Errorf("%d of %d pictures are lazy, want the last 2 of 6", lazy, all)
	}
}
