package web_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"nagare/stream"
)

func TestPage_ReducedMotionSwitchesOffAnimations(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/", media("prefers-reduced-motion", "reduce"))
	s.publish(3)
	b.waitShown(33)
	if n := eval[int](b, `document.getAnimations().length`); n != 0 {
		t.Errorf("%d animations run", n)
	}
	b.wait(glideIsOver)
	s.lose()
	b.waitState("reconnecting")
	if n := eval[int](b, `document.getAnimations().length`); n != 0 {
		t.Errorf("%d animations run while reconnecting", n)
	}
}

func TestPage_AnnouncesNewPostsRarelyToScreenReaders(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	s.publish(20)
	b.waitShown(50)
	if said := eval[[]string](b, `seen.said`); len(said) > 0 {
		t.Errorf("at the top screen readers hear %q, want nothing", said)
	}
	b.click("pause")
	s.publish(200)
	b.wait(`document.getElementById("pill").dataset.count === "200"`)
	if said := eval[[]string](b, `seen.said`); len(said) != 1 || !strings.Contains(said[0], "new post") {
		t.Errorf("of 200 waiting posts screen readers hear %q, want one summary", said)
	}
}

func TestPage_APointerOnALinkHoldsNewPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	linked := madeUp(1031)
	linked.URL = "https://example.com/31"
	s.emit(created(linked))
	b := openLive(t, s, "/")
	at := eval[[]float64](b, `(({ x, y, width, height }) => [x + width / 2, y + height / 2])(document.querySelector(".tweet__original").getBoundingClientRect())`)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
	b.wait(`document.querySelector(".tweet__original:hover")`)
	b.forget()
	s.publish(12)
	b.wait(`document.getElementById("pill").dataset.count === "12"`)
	if rows := b.rows(); len(rows) > 0 {
		t.Errorf("%d rows came in under the pointer", len(rows))
	}
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 2, at[1]))
	b.wait(`document.getElementById("pill").hidden`)
}

func TestPage_CoveredPicturesAreLoadedOnlyWhenTheyAreOpened(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	covered, sensitive := madeUp(1), madeUp(2)
	covered.Warning = "Moon"
	covered.Media = []stream.Media{{Kind: "image", Preview: "/static/demo/moon.svg"}}
	sensitive.Sensitive = true
	sensitive.Media = []stream.Media{{Kind: "image", Preview: "/static/demo/rain.svg"}}
	s.emit(created(covered))
	b := openLive(t, s, "/")
	s.emit(created(sensitive))
	b.waitShown(2)
	b.settle()

	fetched := func() []string {
		return eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name.split("/").pop()).filter(name => /moon|rain/.test(name)).sort()`)
	}
	if got := fetched(); len(got) > 0 {
		t.Errorf("fetched %v before anybody asked", got)
	}
	b.press("jx")
	b.wait(`document.querySelector('[data-seq="2"] .media__image').complete`)
	b.press("jx")
	b.wait(`document.querySelector('[data-seq="1"] .media__image').complete`)
	b.wait(`performance.getEntriesByType("resource").filter(e => /moon|rain/.test(e.name)).length === 2`)
	if got, want := fetched(), []string{"moon.svg", "rain.svg"}; !slices.Equal(got, want) {
		t.Errorf("fetched %v, want %v", got, want)
	}
}

func TestPage_IsAvailableInJapanese(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	b := openLive(t, s, "/?lang=ja")
	if got, want := b.text("status"), "ライブ"; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
	b.click("pause")
	s.publish(4)
	b.wait(`document.getElementById("status").innerText === "一時停止中" && document.getElementById("pill").dataset.count === "4"`)
	if got, want := b.text("pill"), "新しい投稿 4件"; got != want {
		t.Errorf("the pill says %q, want %q", got, want)
	}
	b.visit(s.url) // the language is stored in a cookie
	if got := eval[string](b, `document.documentElement.lang`); got != "ja" {
		t.Errorf("after a reload the page is in %q, want ja", got)
	}
}

func TestPage_APostInAnotherLanguageIsMarked(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for i, lang := range []string{"en", "ja", "de", "ja-JP"} {
		post := madeUp(i + 1)
		post.Lang, post.URL = lang, "https://example.com/1"
		s.emit(created(post))
	}
	s.emit(created(madeUp(5))) // without a link
	for lang, want := range map[string][]string{"en": {"ja-JP", "de", "ja"}, "ja": {"en", "de", "en"}} {
		b := openLive(t, s, "/?lang="+lang)
		if got := eval[[]string](b, `[...document.querySelectorAll(".tweet__lang")].filter(tag => tag.checkVisibility()).map(tag => tag.textContent)`); !slices.Equal(got, want) {
			t.Errorf("the page in %s tells %v, want %v", lang, got, want)
		}
		if eval[bool](b, `document.querySelector(".tweet__context") !== null`) {
			t.Error("a post has a context for its language alone")
		}
		heights := eval[map[string]float64](b, `Object.fromEntries([...document.querySelectorAll(".tweet__text")].map(text => [text.lang, parseFloat(getComputedStyle(text).lineHeight) / parseFloat(getComputedStyle(text).fontSize)]))`)
		for in, height := range map[string]float64{"en": 1.55, "de": 1.55, "ja": 1.8, "ja-JP": 1.8} {
			if math.Abs(heights[in]-height) > 0.01 {
				t.Errorf("on the page in %s lines in %s are %.2f high, want %.2f", lang, in, heights[in], height)
			}
		}
	}
}

// Late posts are those that a source sends while it catches up after a gap.
func TestPage_LatePostsAreNotHighlighted(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	late := func(number int) {
		post := madeUp(number)
		post.Late = true
		s.emit(created(post))
	}
	b.run(`globalThis.moved = 0; addEventListener("scroll", () => globalThis.moved++)`)
	late(31)
	b.waitShown(31)
	b.settle()
	if eval[bool](b, `"new" in document.querySelector('[data-seq="31"]').dataset || globalThis.moved > 0`) {
		t.Error("a late post comes in as a new one does")
	}
	s.emit(created(madeUp(32)))
	b.waitShown(32)
	if !eval[bool](b, `"new" in document.querySelector('[data-seq="32"]').dataset`) {
		t.Error("a new one after it doesn't")
	}
	b.click("pause")
	late(33)
	b.waitPosition(33)
	s.emit(created(madeUp(34)))
	b.wait(`!document.getElementById("pill").hidden`)
	if got := eval[string](b, `document.getElementById("pill").dataset.count`); got != "1" {
		t.Errorf("%s are announced as new, want 1 of 2", got)
	}
	b.click("pause")
	b.wait(`document.querySelectorAll("#feed > .tweet").length >= 32 && document.querySelector('[data-seq="33"]')`)
}
