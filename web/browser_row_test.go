package web_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// watchFrames records in each frame where the row of the filter is, and whether the list is between its old
// place and its new one.
const watchFrames = `globalThis.rowAt = new Set(); globalThis.gliding = 0; (function look() {
	rowAt.add(document.querySelector(".top").getBoundingClientRect().top)
	const first = document.querySelector("#feed > article"), { top, height } = first.getBoundingClientRect()
	const rest = document.querySelector(".flow").getBoundingClientRect().top
	if (top < rest - 1 && top > rest - height + 1) gliding++
	requestAnimationFrame(look)
})()`

const glideIsOver = `document.getElementById("flow").style.translate === ""`

// New posts arrive below the row with the filter. The row itself never moves, so that a press hits it.
func TestPage_NewPostsGlideInBelowTheRowOfTheFilterWhichStays(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(*tab){
		"the row isn't used":         func(*tab) {},
		"the focus is in the box":    func(b *tab) { b.pressSlash() },
		"the page isn't quite at 0":  func(b *tab) { b.run(`scrollTo(0, 20)`) },
		"the reader wants no motion": media("prefers-reduced-motion", "reduce"),
		"the pointer is over it": func(b *tab) {
			x, y := b.middle("#title")
			b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
			b.wait(`document.querySelector(".top").matches(":hover")`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(30)
			b := openLive(t, s, "/")
			use(b)
			b.settle()
			b.run(watchFrames + `; seen.shift = 0`)
			for range 6 {
				s.publish(1)
				b.waitShown(int(s.posts.Load()))
				b.wait(glideIsOver)
			}
			s.edit(36, strings.Repeat("A much longer text. ", 5))
			b.waitPosition(37)
			b.settle()
			if got := eval[[]float64](b, `[...rowAt]`); len(got) != 1 {
				t.Errorf("the row was at %v", got)
			}
			if glided, want := eval[int](b, `gliding`) > 0, name != "the reader wants no motion"; glided != want {
				t.Errorf("the list glided: %v, want %v", glided, want)
			}
			if shift := eval[float64](b, `seen.shift`); shift > .01 {
				t.Errorf("layout shifts add up to %.3f, want 0.01 at most", shift)
			}
		})
	}
}

// A press during the glide ends it where the list is.
func TestPage_APressKeepsTheGlidingListUnderThePointer(t *testing.T) {
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.run(`globalThis.places = undefined; new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame(() => {
		const card = document.querySelector('[data-seq="30"]'), top = () => Math.round(card.getBoundingClientRect().top)
		const before = top()
		card.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }))
		globalThis.places = [before, top(), Math.round(card.offsetTop + document.querySelector(".main").offsetTop - scrollY)]
	}))).observe(document.getElementById("feed"), { childList: true })`)
	s.publish(1)
	b.wait(`globalThis.places`)
	places := eval[[]int](b, `places`)
	if slices.Max(places)-slices.Min(places) > 1 {
		t.Errorf("the post was at %d px before the press, and at %d after, without the glide at %d", places[0], places[1], places[2])
	}
	if y := eval[float64](b, `scrollY`); y == 0 {
		t.Error("the press came after the glide: " + strconv.Itoa(places[0]))
	}
}
