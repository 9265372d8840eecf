package web_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestPage_ShowsNetworkMarksOnlyIfThereAreSeveralNetworks(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(2)
	b := openLive(t, s, "/")
	visible := `document.querySelector(".tweet__mark").checkVisibility()`
	if eval[bool](b, visible) {
		t.Error("one network: its mark is shown")
	}
	other := madeUp(3)
	other.ID, other.Source = "bluesky:1", "bluesky"
	s.emit(created(other))
	b.visit(s.url)
	b.waitState("live")
	if !eval[bool](b, visible) || eval[int](b, `document.querySelectorAll(".menu__marks > li").length`) != 2 {
		t.Error("two networks: no marks, or no legend of both")
	}
}

func TestPage_TheMenuWorksByKeyboardAndKeepsThePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/", preload(shapes))
	b.run(`scrollTo(0, 900); globalThis.reading = [...document.querySelectorAll("#feed > .tweet")].find(card => box(card).bottom > 60); globalThis.at = box(reading).top`)
	b.run(`document.getElementById("menu-button").focus()`)
	b.press(kb.Enter)
	b.wait(`document.getElementById("menu").matches(":popover-open")`)
	b.run(`document.querySelector('[data-value="compact"]').click()`)
	if got := eval[int](b, `scrollY`); got < 600 {
		t.Errorf("the focus of a button in the header scrolled the page from 900 to %d", got)
	}
	b.want("compact", map[string]string{
		"it is":             `document.documentElement.dataset.density === "compact"`,
		"the place is kept": `Math.abs(box(reading).top - at) <= 1`,
		"the choice shows":  `document.querySelector('[data-choice="density"] [aria-current]').dataset.value === "compact"`,
	})
	b.press(kb.Escape)
	b.wait(`!document.getElementById("menu").matches(":popover-open") && document.activeElement.id === "menu-button"`)
	b.visit(s.url)
	b.waitState("live")
	if got := eval[string](b, `document.documentElement.dataset.density`); got != "compact" {
		t.Errorf("after a reload the density is %s", got)
	}
}
