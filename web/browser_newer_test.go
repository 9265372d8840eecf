package web_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nagare/hub"
	"nagare/store"
)

// clickKeeping clicks the link with that id, waits until the condition is true, and expects that the
// first or the last card of the list, which the reader is reading, has kept its place.
func (b *tab) clickKeeping(id, read, until string) {
	b.t.Helper()
	b.run(`document.getElementById("` + id + `").scrollIntoView({ block: "center" }); globalThis.read = ` + read)
	b.settle()
	const top = `read.getBoundingClientRect().top`
	before := eval[float64](b, top)
	x, y := b.middle("#" + id)
	b.do(chromedp.MouseClickXY(x, y))
	b.wait(until)
	b.settle()
	if moved := eval[float64](b, top) - before; math.Abs(moved) > 1 {
		b.t.Errorf("the post being read moved by %.0f px", moved)
	}
}

const (
	firstCard = `document.querySelector("#feed > .tweet")`
	lastCard  = `[...document.querySelectorAll("#feed > .tweet")].at(-1)`
	allCards  = `document.querySelectorAll("#feed > .tweet")`
)

// The list has a limited number of posts in both directions, and the reader reaches all posts.
func TestPage_ALongListHasALimitedNumberOfPosts(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, hub.Options{Ring: 200, Store: new(store.Memory)})
	s.publish(600)
	b := openLive(t, s, "/", window(1280, 600))
	b.run(`globalThis.met = new Set()
		globalThis.meet = () => { for (const card of ` + allCards + `) met.add(Number(card.dataset.seq)); return ` + allCards + `.length }`)
	for eval[bool](b, `meet(), !document.getElementById("older").hidden`) {
		last := eval[string](b, lastCard+`.dataset.seq`)
		b.clickKeeping("older", lastCard, lastCard+`.dataset.seq < `+last)
		if n := eval[int](b, `meet()`); n > 400 {
			t.Fatalf("the list has %d posts", n)
		}
	}
	if n := eval[int](b, `met.size`); n != 600 {
		t.Errorf("the reader met %d posts, want 600", n)
	}
	s.publish(3)
	b.wait(`document.getElementById("pill").dataset.count === "3"`)
	b.run(`scrollTo(0, 0)`)
	b.settle()
	if n := eval[int](b, `Number(`+firstCard+`.dataset.seq)`); n >= 600 {
		t.Errorf("the list begins with %d", n)
	}
	b.run(`met.clear()`)
	for eval[bool](b, `meet(), document.getElementById("newer").checkVisibility()`) {
		first := eval[string](b, firstCard+`.dataset.seq`)
		b.clickKeeping("newer", firstCard, firstCard+`.dataset.seq > `+first)
		if n := eval[int](b, `meet()`); n > 400 {
			t.Fatalf("the list has %d posts", n)
		}
	}
	if n := eval[int](b, `Math.max(...met)`); n != 603 {
		t.Errorf("the list begins with %d at the end, want 603", n)
	}
	b.run(`scrollTo(0, 0)`)
	s.publish(1)
	b.waitShown(604)
	b.waitState("live")
}

// Where the list has lost its newest posts, the button for new posts opens the page of the newest.
func TestPage_TheButtonForNewPostsLeadsFromALongListToTheNewest(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(500)
	b := openLive(t, s, "/", window(1280, 600))
	for n := 60; n <= 420; n += 30 {
		b.clickKeeping("older", lastCard, fmt.Sprintf(lastCard+`.dataset.seq <= %d`, 501-n))
	}
	s.publish(2)
	b.wait(`document.getElementById("pill").dataset.count === "2"`)
	b.click("pill")
	b.waitDocument(`document.readyState === "complete" && document.querySelector("#feed > .tweet").dataset.seq === "502"`)
	b.waitState("live")
}

func TestPage_APageOfThePastContinuesToTheNewest(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for n := range 100 {
		s.publish(1)
		s.edit(1+n, fmt.Sprintf("Edited %d", 1+n)) // so that half of the offsets are no posts
	}
	b := open(t, s, "/")
	epoch := eval[string](b, `document.getElementById("feed").dataset.epoch`)
	b.visit(s.url + "/?before=" + epoch + ":100")
	b.waitState("reading")
	s.emit(destroyed(madeUp(60)))
	b.waitPosition(201)
	for eval[int](b, `Number(`+firstCard+`.dataset.seq)`) < 199 {
		first := eval[string](b, firstCard+`.dataset.seq`)
		b.clickKeeping("newer", firstCard, firstCard+`.dataset.seq > `+first)
	}
	if eval[bool](b, `[...`+allCards+`].some(card => card.dataset.post === "replay:60")`) {
		t.Error("a deleted post is in the list")
	}
	if n := eval[int](b, `[...`+allCards+`].filter(card => Number(card.dataset.seq) > 99).length`); n != 49 {
		t.Errorf("%d newer posts were inserted, want 49", n)
	}
	b.click("newer")
	b.waitDocument(`location.search === "" && document.readyState === "complete" && document.querySelector("#feed > .tweet").dataset.seq === "199"`)
}

// The next newer posts are found whether many posts match or few.
func TestPage_FindsNewerPostsThatAreFarAway(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, hub.Options{Ring: 50, Store: new(store.Memory)})
	s.sayMany(40, "Heron")
	s.sayMany(700, "Duck")
	s.sayMany(70, "Heron")
	s.sayMany(100, "Duck")
	s.sayMany(1, "Heron")
	b := open(t, s, "/")
	epoch := eval[string](b, `document.getElementById("feed").dataset.epoch`)
	b.visit(s.url + matching("heron") + "&before=" + epoch + ":30")
	b.waitState("reading")
	for eval[int](b, `Number(`+firstCard+`.dataset.seq)`) < 911 {
		first := eval[string](b, firstCard+`.dataset.seq`)
		b.clickKeeping("newer", firstCard, firstCard+`.dataset.seq > `+first)
	}
	if n := eval[int](b, allCards+`.length`); n != 29+11+70+1 {
		t.Errorf("the list has %d posts, want 111", n)
	}
}

// The title, the address and the notice of a page of the past are those of the newest post inserted.
func TestPage_APageOfAMomentIsRenamedWhenNewerPostsAreInserted(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // an address has whole seconds
	at := time.Now().UTC().Format(time.RFC3339)
	s.publish(5)
	b := open(t, s, "/?at="+at)
	b.waitState("reading")
	before := eval[string](b, `document.title`)
	b.click("newer")
	b.wait(allCards + `.length === 10`)
	b.wait(`location.search === "?before=" + document.getElementById("feed").dataset.epoch + ":11"`)
	if got, want := eval[string](b, `document.querySelector("#title time").dateTime`), eval[string](b, firstCard+`.querySelector("time").dateTime`); got != want {
		t.Errorf("the page is said to end at %s, want %s", got, want)
	}
	if after := eval[string](b, `document.title`); after == before {
		t.Errorf("the title still is %q", after)
	}
	if said := b.text("status"); said != "Reading" {
		t.Errorf("the page says %q", said)
	}
}
