package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// A reader at the top of the page who uses a pinned post keeps it in its place until they leave the section.
func TestPins_APinnedPostInUseDoesNotMove(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 60, "replay:3")
	b := openLive(t, s, "/", preload(unspread), preload(countLooks))
	top := fmt.Sprintf(topOf, "#pins >", "replay:3")
	before := eval[float64](b, top)
	stays := func(with, pin string) {
		t.Helper()
		b.run(`looks = 0`)
		s.screen("", pin, "replay:3")
		b.wait(`looks > 2`)
		if now := eval[float64](b, top); now != before {
			t.Errorf("with the %s on it, the post has moved from %v to %v", with, before, now)
		}
	}
	x, y := b.middle(`#pins > [data-post="replay:3"]`)
	b.do(chromedp.MouseEvent("mouseMoved", x, y))
	stays("pointer", "replay:58")
	b.do(chromedp.MouseEvent("mouseMoved", 2, 2))
	b.wantPins("replay:58,replay:3")

	b.run(`document.querySelector('#pins > [data-post="replay:3"] a').focus()`)
	before = eval[float64](b, top)
	stays("focus", "replay:57")
	b.run(`document.activeElement.blur()`)
	b.wantPins("replay:57,replay:3")

	b.run(`getSelection().selectAllChildren(document.querySelector('#pins > [data-post="replay:3"] .tweet__text'))`)
	before = eval[float64](b, top)
	stays("selection", "replay:56")
	b.run(`getSelection().empty()`)
	b.wantPins("replay:56,replay:3")
}

func TestPins_AnEditDoesNotMoveTheListUnderThePointer(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 60, "replay:3")
	b := openLive(t, s, "/", preload(unspread))
	x, y := b.middle(`#feed > [data-post="replay:60"]`)
	top := fmt.Sprintf(topOf, "#feed", "replay:60")
	before := eval[float64](b, top)
	b.do(chromedp.MouseEvent("mouseMoved", x, y))
	s.edit(3, "A text that is much longer.\nAnd longer.\nAnd longer.\nAnd longer.")
	b.wait(`document.querySelector('#pins > [data-post="replay:3"]').innerText.includes("much longer")`)
	if now := eval[float64](b, top); now < before-1 || now > before+1 {
		t.Errorf("the post under the pointer has moved from %v to %v", before, now)
	}
}

// The server doesn't have one of the pinned posts any more.
func TestPins_AMissingPostCausesOneRequestOfThePage(t *testing.T) {
	t.Parallel()
	s := newPinnedSite(t, 10, "replay:3")
	b := openLive(t, s, "/", preload(unspread), preload(`{ globalThis.pages = 0
	const again = fetch
	globalThis.fetch = (...all) => { pages++; return again(...all) } }`))
	s.screen("", "replay:2", "replay:999")
	b.wantPins("replay:2")
	for i, state := range []string{"freeze", "", "freeze", ""} {
		s.screen(state, "replay:2", "replay:999")
		s.edit(2, fmt.Sprint("words ", i))
		b.wait(fmt.Sprintf(`document.querySelector('#pins > [data-post="replay:2"]').innerText.includes("words %d")`, i))
	}
	if n := eval[int](b, `pages`); n != 1 {
		t.Errorf("the page was requested %d times, want once", n)
	}
}
