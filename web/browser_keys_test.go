package web_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused is the number of the post that has the focus. If another element has it, focused is the
// id, class or name of that element.
const focused = `document.activeElement.dataset.seq ?? (document.activeElement.id || document.activeElement.className || document.activeElement.localName)`

func (b *tab) press(keys string) { b.t.Helper(); b.do(chromedp.KeyEvent(keys)) }

func (b *tab) wantFocus(after, want string) {
	b.t.Helper()
	if got := eval[string](b, focused); got != want {
		b.t.Errorf("after %s the focus is on %q, want %q", after, got, want)
	}
}

func TestKeys_TabReachesTheFeedSoon(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	b.click("pause")
	s.publish(3)
	b.wait(`!document.getElementById("pill").hidden`)
	var stops []string
	for range 9 {
		b.press(kb.Tab)
		stop := eval[string](b, focused)
		stops = append(stops, stop)
		if stop == "5" {
			if !slices.Contains(stops, "pill") {
				t.Errorf("before the posts Tab stops at %q, want the pill among them", stops)
			}
			return
		}
	}
	t.Errorf("Tab stopped at %q, want the newest post among them", stops)
}

func TestKeys_MoveTheFocusFromPostToPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.press("j")
	b.wantFocus("j", "30")
	b.press("jjj")
	b.wantFocus("jjj", "27")
	b.press("k")
	b.wantFocus("k", "28")
	b.do(chromedp.KeyEvent(kb.PageDown, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.wantFocus("Alt+PageDown", "27")
	b.press("jjjjjjjjjjkkkkk")
	if top := eval[float64](b, `document.activeElement.getBoundingClientRect().top`); top < 56 {
		t.Errorf("the focused post begins at %.0f px, under the header", top)
	}
	if n := eval[int](b, `document.querySelectorAll('#feed > [tabindex="0"]').length`); n != 1 {
		t.Errorf("%d posts are in the order of Tab, want 1", n)
	}
	b.press(kb.Escape)
	b.wantFocus("Escape", "body")
}

func TestKeys_PauseThePageAndShowWaitingPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.press("p")
	b.waitState("paused")
	s.publish(5)
	b.wait(`document.getElementById("pill").dataset.count === "5"`)
	b.press(".")
	b.waitShown(35)
	b.press("p")
	b.waitState("live")
	b.press("j")
	s.publish(2)
	b.wait(`document.getElementById("pill").dataset.count === "2"`)
	b.press(".")
	b.waitShown(37)
	b.wantFocus("full stop", "37")
}

// A post with the keyboard focus holds back new posts. While none waits, the page still says "Live".
func TestKeys_TheFocusLeavesThePageLiveUntilAPostWaits(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.press("jp")
	s.publish(2)
	b.wait(`document.getElementById("pill").dataset.count === "2"`)
	b.press(".p")
	b.waitShown(32)
	b.wantFocus("full stop", "32")
	b.waitState("live")
	s.publish(1)
	b.waitState("reading")
	b.press(".")
	b.waitState("live")
}

func TestKeys_MoveTheFocusOutOfThePosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(40)
	b := openLive(t, s, "/")
	if eval[bool](b, `document.getElementById("refresh").checkVisibility()`) {
		t.Error("the page offers to refresh, though new posts come by themselves")
	}
	b.press("j")
	b.do(chromedp.KeyEvent(kb.End, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.wantFocus("Ctrl+End", "older")
	b.press("j")
	b.do(chromedp.KeyEvent(kb.Home, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.wantFocus("Ctrl+Home", "pause")
}

// While an input method composes a text, it also sends key events. The page must ignore these.
func TestKeys_AreIgnoredDuringTextComposition(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.run(`for (const how of [{ isComposing: true }, { keyCode: 229 }, { ctrlKey: true }, { metaKey: true }, { altKey: true }])
		for (const key of ["p", "j", "?"]) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...how }))`)
	b.wantFocus("composing", "body")
	if eval[bool](b, `document.getElementById("help").open || document.getElementById("pause").dataset.paused !== "false"`) {
		t.Error("a key that was not meant for us did something")
	}
}

func TestKeys_CanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.press("?")
	b.wait(`document.getElementById("help").open`)
	b.press("j") // ignored, because the dialog is open
	b.click("single")
	b.press(kb.Escape)
	b.wait(`!document.getElementById("help").open`)
	b.press("jp?")
	if eval[bool](b, `document.activeElement.closest("article") !== null || document.getElementById("help").open || document.getElementById("pause").dataset.paused !== "false"`) {
		t.Error("a key that is switched off did something")
	}
	b.visit(s.url)
	b.waitState("live")
	b.press("p")
	if got := eval[string](b, `document.getElementById("pause").dataset.paused`); got != "false" {
		t.Errorf("after a reload p works again: pressed %s", got)
	}
}

func TestKeys_TheHelpNamesEveryKey(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	b := openLive(t, s, "/")
	keys := eval[[]string](b, `[...document.querySelectorAll("#help dt kbd")].map(key => key.textContent)`)
	for _, key := range []string{"j", "k", "Alt+PgDn", "Alt+PgUp", ".", "p", "0", "o", "Enter", "x", "/", "?", "Ctrl+Home", "Ctrl+End", "Esc"} {
		if !slices.Contains(keys, key) {
			t.Errorf("the help names %q, want %s among them", keys, key)
		}
	}
}
