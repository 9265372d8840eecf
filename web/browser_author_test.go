package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"nagare/stream"
)

// byAko is a post that has all that a card says about an author.
func byAko(name string) *stream.Post {
	return oddPost(name, func(p *stream.Post) {
		p.Author = stream.Author{Handle: "ako.example.com", Name: "Ako", Avatar: "/static/icon-192.png", URL: "https://example.com/ako"}
	})
}

func TestPage_TheNameAndTheAvatarOfAnAuthorLeadToTheirPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(byAko("one")))
	s.say("A post by another author.")
	for _, px := range []int64{1280, 390, 280} {
		for _, part := range []string{".tweet__posts", ".tweet__avatar"} {
			b := openLive(t, s, "/", width(px))
			x, y := b.middle(`[data-post="bluesky:one"] ` + part)
			b.do(chromedp.MouseClickXY(x, y))
			b.waitDocument(`location.pathname === "/by/bluesky/ako.example.com" && document.documentElement.dataset.state === "live"`)
			b.wantTexts("after the click on "+part, "This is the post with: one.")
		}
	}
}

func TestPage_TheLinkToAnAuthorsPostsSaysSoInBothLanguages(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(byAko("first")))
	for path, want := range map[string]string{"/": "Posts by @ako.example.com", "/?lang=ja": "投稿一覧: @ako.example.com"} {
		b := openLive(t, s, path)
		s.emit(created(byAko("live in " + path)))
		b.wait(`document.querySelector('[data-post="bluesky:live in ` + path + `"]')`)
		for _, got := range eval[[]string](b, `[...document.querySelectorAll(".tweet__posts")].flatMap(link => [...link.querySelectorAll(".hidden")].map(words => words.textContent.trim()))`) {
			if got != want {
				t.Errorf("%s: the link says %q, want %q", path, got, want)
			}
		}
		b.want("the card", map[string]string{
			"the handle leads to the network": `document.querySelector(".tweet__profile").href === "https://example.com/ako" && document.querySelector(".tweet__profile").target === "_blank"`,
			"the link stays in this tab":      `document.querySelector(".tweet__posts").target === ""`,
			"it is high enough for a finger":  `document.querySelector(".tweet__posts").getBoundingClientRect().height >= 24`,
		})
	}
}
