package web_test

import (
	"fmt"
	"testing"

	"nagare/stream"
)

func TestPage_ShowsManyShortPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for i := range 30 {
		post := madeUp(i + 1)
		post.URL, post.Text = "https://example.com/1", said("The soup was punctual.")
		if i%2 == 0 {
			post.Text = said("Line 7 departs. No drums, no ducks, one bicycle that misses home.")
		}
		s.emit(created(post))
	}
	for _, c := range []struct{ width, height, most, posts int64 }{{1440, 844, 84, 7}, {390, 844, 104, 5}} {
		b := openLive(t, s, "/", window(c.width, c.height), preload(shapes))
		where := fmt.Sprintf("%d px", c.width)
		b.want(where, map[string]string{
			"a post of one line is low":         fmt.Sprintf(`box(document.querySelector('[data-seq="30"]')).height <= %d`, c.most),
			"many are in view":                  fmt.Sprintf(`[...document.querySelectorAll("#feed > .tweet")].filter(card => box(card).bottom <= innerHeight).length >= %d`, c.posts),
			"the text has its size":             `getComputedStyle(document.querySelector(".tweet__text")).fontSize === "17px"`,
			"the time leads to the post's page": `document.querySelector(".tweet__when time") && document.querySelector(".tweet__when").getAttribute("href").startsWith("/post/replay:")`,
			"the arrow leads to the original":   `document.querySelector(".tweet__original").href === "https://example.com/1" && document.querySelector(".tweet__original").innerText.includes("View original")`,
			"both have room for a finger":       `[".tweet__when", ".tweet__original"].every(part => box(document.querySelector(part)).width >= 24 && box(document.querySelector(part)).height >= 22)`,
			"they don't overlap":                `!overlap(document.querySelector(".tweet__when"), document.querySelector(".tweet__original"))`,
		})
	}
}

// shortPost returns a post of one line with that change of inContext.
func shortPost(name string) *stream.Post {
	return oddPost(name, func(p *stream.Post) { p.Text = said("The soup was punctual."); inContext[name](p) })
}

// What a card says about its post beside the text shares the line of the author.
func TestPage_TheContextOfAPostTakesNoLineOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for name := range inContext {
		s.emit(created(shortPost(name)))
	}
	for _, lang := range []string{"en", "ja"} {
		for _, c := range []struct{ width, most, fact int64 }{{1440, 84, 48}, {390, 104, 36}, {320, 104, 12}} {
			b := openLive(t, s, "/?lang="+lang, window(c.width, 900), preload(shapes))
			for name := range inContext {
				b.want(fmt.Sprintf("%s, %s, %d px", name, lang, c.width), map[string]string{
					"the card is low":            fmt.Sprintf(`box(odd(%q)).height <= %d`, name, c.most),
					"the name can be read":       fmt.Sprintf(`box(odd(%q, ".tweet__name")).width >= 60`, name),
					"the facts can be read":      fmt.Sprintf(`[...odd(%q).querySelectorAll(".tweet__fact")].every(fact => box(fact).width >= %d)`, name, c.fact),
					"they stand in the card":     fmt.Sprintf(`[...odd(%[1]q).querySelectorAll(".tweet__name, .tweet__handle, .tweet__fact, .tweet__lang")].every(part => box(part).right <= box(odd(%[1]q)).right - 15)`, name),
					"nothing overlaps the time":  fmt.Sprintf(`[".tweet__name", ".tweet__fact"].every(part => !odd(%[1]q, part) || !overlap(odd(%[1]q, part), odd(%[1]q, ".tweet__when")))`, name),
					"nothing overlaps the arrow": fmt.Sprintf(`[".tweet__name", ".tweet__handle", ".tweet__fact", ".tweet__lang", ".tweet__when"].filter(part => odd(%[1]q, part)).every(part => !overlap(odd(%[1]q, part), odd(%[1]q, ".tweet__original")))`, name),
				})
			}
			b.checkShape()
		}
	}
}

// If the line of the author is too short, the context is cut, and not the author.
func TestPage_TheContextOfAPostIsCutBeforeItsAuthor(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(oddPost("reposted", func(p *stream.Post) {
		p.Author = stream.Author{Handle: "hinose_library", Name: "Hinose Library"}
		p.RepostedBy, p.Reposts = &stream.Author{Handle: "soba", Name: "そば処かわばた 川のほとりの二代目"}, 5
		p.ReplyTo = &stream.Reply{Handle: "oldbridge.example.com", URL: "https://example.com/"}
	})))
	s.emit(created(oddPost("named", func(p *stream.Post) {
		p.Author = stream.Author{Handle: "bridge", Name: "The Friends of the Old Bridge of Hinose"}
		p.RepostedBy, p.Reposts = &stream.Author{Handle: "soba", Name: "そば処かわばた 川のほとりの二代目"}, 5
	})))
	for width, names := range map[int64][]string{1440: {"reposted", "named"}, 390: {"reposted"}} {
		b := openLive(t, s, "/", window(width, 900), preload(shapes+"; const short = element => element.scrollWidth > element.clientWidth"))
		for _, name := range names {
			b.want(fmt.Sprintf("%s, %d px", name, width), map[string]string{
				"the name is whole":   fmt.Sprintf(`!short(odd(%q, ".tweet__name"))`, name),
				"the handle is whole": fmt.Sprintf(`!short(odd(%[1]q, ".tweet__handle")) && !short(odd(%[1]q, ".tweet__profile"))`, name),
				"the context is cut":  fmt.Sprintf(`cut(odd(%q, ".tweet__fact"))`, name),
			})
		}
		b.checkShape()
	}
}
