package web_test

import (
	"net/http"
	"testing"

	"nagare/store"
	"nagare/stream/networks"
	"nagare/web"
)

// The view of one author's posts has the same code as the first page: its page, its script, its
// older posts, and the page of the older posts.
func TestView_ASecondViewIsLiveAndAppendsItsOwnOlderPosts(t *testing.T) {
	t.Parallel()
	var author *web.Timeline
	s := newSite(t, 0, func(c *web.Config) {
		author = web.NewTimeline(c.Hub, "author", new(store.Memory), networks.All, c.Log)
		c.Views = []web.View{{Path: "/author", Title: "One author", Timeline: author}}
	})
	publish := func(n int) {
		for range n {
			post := madeUp(int(s.posts.Add(1)))
			s.emit(created(post))
			if post.Author.Handle == "reader0" { // the author of every ninth post
				author.Emit(t.Context(), created(post))
			}
		}
	}
	publish(9 * 40)
	b := openLive(t, s, "/author")
	if got := eval[string](b, `document.title`); got != "One author · Nagare" {
		t.Errorf("the title is %q", got)
	}
	b.waitCards(30)
	publish(9)
	b.waitShown(41)
	b.run(`scrollTo(0, document.body.scrollHeight)`)
	b.click("older")
	b.waitCards(41)
	b.run(`scrollTo(0, document.body.scrollHeight)`) // a post outside the window leaves without a trace
	s.emit(destroyed(madeUp(9)))
	author.Emit(t.Context(), destroyed(madeUp(9)))
	b.wait(`document.querySelector(".grave")`)
	if others := eval[int](b, `[...document.querySelectorAll(".tweet__handle")].filter(e => !e.textContent.includes("reader0")).length`); others != 0 {
		t.Errorf("%d posts are of other authors", others)
	}
	b.visit(s.url + eval[string](open(t, s, "/author", withoutScript), `document.getElementById("older").getAttribute("href")`))
	b.waitState("live")
	b.waitCards(10)
	b.press(".")
	b.waitDocument(`location.pathname + location.search === "/author" && document.readyState === "complete"`)
	b.waitShown(41)
}

// If a proxy blocks WebSockets, the script takes the addresses of event streams and polls from the
// page.
func TestView_ASecondViewUsesItsOwnStreams(t *testing.T) {
	t.Parallel()
	for name, blocked := range map[string][]string{
		"event stream": {"/websocket"}, "polls": {"/websocket", "/author/events"},
	} {
		t.Run(name, func(t *testing.T) {
			var author *web.Timeline
			s := newSite(t, 0, func(c *web.Config) {
				author = web.NewTimeline(c.Hub, "author", new(store.Memory), networks.All, c.Log)
				c.Views = []web.View{{Path: "/by/author", Timeline: author}}
			})
			for _, path := range blocked {
				s.behindProxy(path, http.StatusForbidden)
			}
			b := openLive(t, s, "/by/author")
			post := created(madeUp(1))
			if err := author.Emit(t.Context(), post); err != nil {
				t.Fatal(err)
			}
			b.waitShown(1)
		})
	}
}
