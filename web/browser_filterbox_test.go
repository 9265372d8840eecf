package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// pressSlash presses the key as one event. press would send its character even if the page prevents that.
func (b *tab) pressSlash() {
	b.t.Helper()
	command(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Code: "Slash", Text: "/"})
}

func TestFilterBox_IsReachedAndLeftByKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("A heron.")
	s.say("A duck.")
	b := openLive(t, s, "/")
	b.pressSlash()
	b.wantFocus("/", "q")
	b.press("heron")
	b.press(kb.Enter)
	b.waitDocument(`location.search === "?q=heron" && document.documentElement.dataset.state === "live"`)
	b.wantTexts("after Enter", "A heron.")
	if got := eval[string](b, `document.getElementById("q").value`); got != "heron" {
		t.Errorf("the box has %q", got)
	}
	b.pressSlash()
	b.press(kb.Escape)
	if got := eval[string](b, `document.getElementById("q").value + location.search`); got != "?q=heron" {
		t.Errorf("after Escape: %q, want an empty box on the same page", got)
	}
	b.press(kb.Escape)
	b.waitDocument(`location.search === "" && document.documentElement.dataset.state === "live"`)
	b.wantTexts("after Escape in the empty box", "A duck.", "A heron.")
	b.pressSlash()
	b.press(kb.Escape)
	b.wantFocus("Escape in the empty box of all posts", "body")
}

func TestFilterBox_RemembersRecentFiltersUntilTheyAreForgotten(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("A heron.")
	b := openLive(t, s, "/")
	const offered = `[...document.querySelectorAll("#recent-filters > a")].map(link => link.innerText || link.textContent)`
	if eval[bool](b, `document.getElementById("recent").checkVisibility() || `+offered+`.length > 0`) {
		t.Error("before the first filter, one is remembered")
	}
	for _, query := range []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "three"} {
		b.run(`document.getElementById("q").value = "` + query + `"; document.getElementById("filter").requestSubmit()`)
		b.waitDocument(`location.search === "?q=` + query + `" && document.documentElement.dataset.state === "live"`)
	}
	b.visit(s.url + matching("visited"))
	b.waitState("live")
	if got, want := eval[[]string](b, offered), strings.Fields("three nine eight seven six five four two"); !cmp.Equal(got, want) {
		t.Errorf("remembered: %q, want %q", got, want)
	}
	b.click("menu-button")
	b.wait(`document.getElementById("forget").checkVisibility()`)
	b.run(`document.querySelectorAll("#recent-filters > a")[1].click()`)
	b.waitDocument(`location.search === "?q=nine" && document.documentElement.dataset.state === "live"`)
	b.click("menu-button")
	b.wait(`document.getElementById("forget").checkVisibility()`)
	b.click("forget")
	if eval[bool](b, `document.getElementById("forget").checkVisibility() || `+offered+`.length > 0`) {
		t.Error("they are not forgotten")
	}
	b.visit(s.url)
	if eval[bool](b, offered+`.length > 0`) {
		t.Error("after a reload they are remembered again")
	}
}

func TestFilterBox_AnEmptiedBoxLeadsToAllPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("A heron.")
	for name, empty := range map[string]func(*tab){
		"Enter": func(b *tab) {
			b.pressSlash()
			b.press(kb.Backspace + kb.Enter)
		},
		"the button in the box": func(b *tab) {
			b.run(`(box => { box.value = ""; box.dispatchEvent(new Event("search")) })(document.getElementById("q"))`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := openLive(t, s, matching("duck"))
			empty(b)
			b.waitDocument(`location.pathname + location.search === "/" && location.href.endsWith("/") && document.documentElement.dataset.state === "live"`)
		})
	}
}
