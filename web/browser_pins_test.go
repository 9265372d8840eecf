package web_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/web"
)

// pinnedCards are the ids of the pinned posts of a page.
const pinnedCards = `[...document.querySelectorAll("#pins > .tweet")].filter(card => card.checkVisibility()).map(card => card.dataset.post).join()`

// wantPins waits until the page has these pinned posts, and no others.
func (b *tab) wantPins(ids string) {
	b.t.Helper()
	b.wait(pinnedCards + ` === "` + ids + `"`)
}

// unspread makes the script request a page at once after each change of the pins.
const unspread = `Math.random = () => 0`

// newPinnedSite is a site with moderators and posts, of which some are pinned.
func newPinnedSite(t *testing.T, posts int, pins ...string) *site {
	t.Helper()
	s, _ := newModeratedSite(t, moderation.After)
	s.publish(posts)
	if len(pins) > 0 {
		s.screen("", pins...)
	}
	return s
}

func TestPins_ChangeWhileThePageIsOpen(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 40)
	b := openLive(t, s, "/", preload(unspread))
	if eval[bool](b, `document.getElementById("pins").checkVisibility()`) {
		t.Error("without pins, their section is visible")
	}
	s.screen("", "replay:2")
	b.wantPins("replay:2")
	s.screen("", "replay:39", "replay:2")
	b.wantPins("replay:39,replay:2")
	b.run(`globalThis.kept = document.querySelector('#pins > [data-post="replay:2"]')`)
	s.screen("", "replay:7", "replay:8", "replay:39", "replay:2")
	b.wantPins("replay:7,replay:8,replay:39")
	s.emit(destroyed(madeUp(8)))
	b.wantPins("replay:7,replay:39,replay:2")
	s.screen("freeze", "replay:2")
	b.wantPins("replay:2")
	s.screen("")
	b.wait(`!document.getElementById("pins").checkVisibility()`)
	b.want("the page", map[string]string{
		"a pinned post stays in the list": `document.querySelector('#feed > [data-post="replay:39"]')`,
		"it is at the top":                `scrollY === 0`,
	})
}

func TestPins_AreReadableWithoutScript(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 40, "replay:2")
	b := open(t, s, "/", withoutScript)
	if got := eval[string](b, `document.getElementById("pins").innerText`); len(got) < 7 || got[:6] != "Pinned" {
		t.Errorf("the section says %q", got)
	}
}

func TestPins_EditsAndDeletionsReachThemWithinASecond(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 40, "replay:39", "replay:2")
	b := openLive(t, s, "/", preload(unspread))
	for _, n := range []int{39, 2} {
		edited := madeUp(n)
		edited.Text = said(fmt.Sprintf("better words %d", n))
		s.emit(updated(edited))
		b.within(aSecond, fmt.Sprintf(`document.querySelector('#pins > [data-post="replay:%d"]').innerText.includes("better words %[1]d")`, n))
		if n == 39 {
			b.wantNoIDTwice()
		}
		s.emit(destroyed(edited))
		b.within(aSecond, fmt.Sprintf(`!document.documentElement.outerHTML.includes("better words %d")`, n))
	}
	b.wait(`!document.getElementById("pins").checkVisibility()`)
}

func TestPins_WhatAModeratorHidesIsGoneFromThemWithinASecond(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.post(byAuthor(1, "mio", "apple words"), byAuthor(2, "kei", "plum words"))
	b := openLive(t, s, "/", preload(unspread))
	act := func(do moderation.Do) {
		t.Helper()
		if _, err := d.Act(t.Context(), moderation.Action{Do: do, ID: "bluesky:1", By: "Aiko"}); err != nil {
			t.Fatal(err)
		}
	}
	act(moderation.Pin)
	b.wantPins("bluesky:1")
	act(moderation.Hide)
	b.within(aSecond, nowhere)
}

// topOf is where a post in a part of the page is, in the window.
const topOf = `document.querySelector('%s [data-post="%s"]').getBoundingClientRect().top`

// countLooks counts how often the script has looked whether it can change the pinned posts.
const countLooks = `{ globalThis.looks = 0
	const again = setTimeout
	globalThis.setTimeout = (f, ms, ...rest) => again((...all) => { if (ms === 500) looks++; f(...all) }, ms, ...rest) }`

func TestPins_NeverMoveThePostBeingRead(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 60, "replay:3")
	b := openLive(t, s, "/", preload(unspread), preload(countLooks))

	// The section is above the window: scrolling makes up for what changes there.
	b.do(chromedp.ScrollIntoView(`#feed [data-post="replay:50"]`))
	b.settle()
	reading := fmt.Sprintf(topOf, "#feed", "replay:50")
	before := eval[float64](b, reading)
	moved := func(when string) {
		t.Helper()
		b.settle()
		if now := eval[float64](b, reading); now < before-1 || now > before+1 {
			t.Errorf("%s: the post being read moved from %v to %v", when, before, now)
		}
	}
	s.screen("", "replay:2", "replay:3")
	b.wantPins("replay:2,replay:3")
	moved("a pin")
	s.edit(2, "A text that is much longer.\nAnd longer.\nAnd longer.\nAnd longer.")
	b.wait(`document.querySelector('#pins > [data-post="replay:2"]').innerText.includes("much longer")`)
	moved("an edit of a pinned post")
	s.emit(destroyed(madeUp(3)))
	b.wantPins("replay:2")
	moved("a deletion")
	s.screen("")
	b.wantPins("")
	moved("no pins")

	// The section is in view, and the reader isn't at the top: a change waits.
	b.run(`scrollTo(0, 0)`)
	s.screen("", "replay:2")
	b.wantPins("replay:2")
	b.run(`scrollTo(0, 60)`)
	b.settle()
	reading = fmt.Sprintf(topOf, "#pins >", "replay:2")
	before = eval[float64](b, reading)
	s.screen("", "replay:58", "replay:2")
	b.run(`looks = 0`)
	b.wait(`looks > 2`)
	moved("a pin while the pins are read")
	b.wantPins("replay:2")
	b.run(`scrollTo(0, 0)`)
	b.wantPins("replay:58,replay:2")
	b.wait(`scrollY === 0`)
}

// After a gap, in which pins, edits and deletions were lost, the pinned posts are those of the site.
func TestPins_AreRightAfterAGap(t *testing.T) {
	t.Parallel()
	var pins atomic.Value
	s := newSite(t, 20, func(c *web.Config) { c.Screen = func() (string, []string) { return "", pins.Load().([]string) } })
	pin := func(ids ...string) {
		pins.Store(ids)
		s.screen("", ids...)
	}
	pin()
	s.publish(40)
	pin("replay:2", "replay:3")
	b := openLive(t, s, "/", preload(unspread))
	b.wantPins("replay:2,replay:3")
	back := s.lose()
	b.waitNot("live")
	s.emit(destroyed(madeUp(2)))
	s.edit(3, "better words")
	pin("replay:4", "replay:3")
	s.publish(30)
	back()
	b.wantPins("replay:4,replay:3")
	b.wait(`document.querySelector('#pins > [data-post="replay:3"]').innerText.includes("better words")`)
}

func TestPins_AreAccessible(t *testing.T) {
	axe := loadAxe(t)
	for _, look := range []struct {
		lang, scheme string
		px           int64
	}{{"en", "light", 1280}, {"ja", "dark", 390}, {"en", "dark", 320}, {"ja", "light", 768}} {
		t.Run(fmt.Sprint(look), func(t *testing.T) {
			t.Parallel()
			s := newPinnedSite(t, 10, "replay:9", "replay:2")
			b := openLive(t, s, "/?lang="+look.lang, width(look.px), media("prefers-color-scheme", look.scheme), preload(axe))
			b.audit("a page with pinned posts")
			s.edit(9, "Other words.")
			b.wait(`document.querySelector('#pins > [data-post="replay:9"]').innerText.includes("Other words")`)
			b.audit("a page with an edited pinned post")
		})
	}
}

func TestPins_PicturesOpenLarge(t *testing.T) {
	t.Parallel()
	s, _ := newModeratedSite(t, moderation.After)
	withPicture := everything()
	s.emit(created(withPicture))
	s.screen("", withPicture.ID)
	b := openLive(t, s, "/", preload(unspread))
	b.wait(`document.querySelector("#pins .media__link")`)
	b.run(`document.querySelectorAll("#pins details").forEach(part => (part.open = true))`)
	b.run(`document.querySelector("#pins .media__link").click()`)
	b.wait(`document.getElementById("viewer").open`)
	s.emit(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: withPicture.ID})
	b.wait(`!document.getElementById("viewer").open`)
}
