package web_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// olderPath returns the address of the first page of older posts.
func (s *site) olderPath(t *testing.T) string {
	t.Helper()
	return eval[string](open(t, s, "/", withoutScript), `document.getElementById("older").getAttribute("href")`)
}

func TestPage_APageOfOlderPostsInsertsNoNewPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(50)
	b := open(t, s, s.olderPath(t))
	b.wait(`document.documentElement.dataset.state === "reading"`)
	s.publish(8)
	s.edit(10, "It says something else now.")
	s.emit(destroyed(madeUp(15)))
	b.waitPosition(60)
	b.wait(`document.querySelector('[data-seq="10"]').innerText.includes("something else")`)
	b.wait(`!document.querySelector('.tweet[data-seq="15"]')`)
	b.settle()
	want := make([]string, 0, 20)
	for n := 20; n > 0; n-- {
		if n != 15 {
			want = append(want, fmt.Sprint(n))
		}
	}
	if got := eval[[]string](b, seqs); !cmp.Equal(got, want) {
		t.Fatalf("the page of older posts shows %v, want %v", got, want)
	}
	if y := eval[float64](b, `scrollY`); y != 0 {
		t.Errorf("it has scrolled to %v", y)
	}
	b.waitStatus("Reading")
	if eval[bool](b, `document.getElementById("pause").checkVisibility()`) {
		t.Error("it offers to pause what doesn't flow")
	}
	b.press(".")
	b.waitDocument(`location.search === "" && document.readyState === "complete"`)
	b.waitState("live")
	b.waitShown(58)
}

func TestPage_APostDeletedBeforeTheConnectionIsGoneFromAPageOfOlderPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(50)
	path := s.olderPath(t)
	s.onArrival(func() {
		s.onArrival(func() {})
		s.emit(destroyed(madeUp(10)))
	})
	b := open(t, s, path)
	b.waitState("reading")
	b.wait(`!document.documentElement.outerHTML.includes("Post number 10.")`)
}

func TestPage_AppendsOlderPostsInPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(75)
	b := openLive(t, s, "/")
	b.click("older") // like a press of a key, a click by a script has no coordinates
	b.waitCards(60)
	b.wantFocus("appending", "45")
	if got := eval[string](b, `location.search`); got != "" {
		t.Errorf("the address is now %q, want the same page", got)
	}
	b.click("older")
	b.waitCards(75)
	b.wantFocus("appending again", "15")
	if eval[bool](b, `document.getElementById("older").checkVisibility()`) {
		t.Error("there is a link to posts older than the oldest")
	}
	s.emit(destroyed(madeUp(14)))
	b.wait(`document.querySelector(".grave")`)
	b.run(`document.activeElement.blur(); scrollTo(0, 0)`)
	s.publish(1)
	b.waitShown(77)
}

// The last post that the reader saw stays in its place, and the appended posts are below it.
func TestPage_OlderPostsAppearBelowTheLastOne(t *testing.T) {
	t.Parallel()
	for _, paused := range []bool{false, true} {
		t.Run(fmt.Sprintf("paused %t", paused), func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(75)
			b := openLive(t, s, "/", width(390))
			if paused {
				b.click("pause")
			}
			for _, cards := range []int{60, 75} {
				b.run(`globalThis.last = [...document.querySelectorAll("#feed > .tweet")].at(-1); scrollTo(0, 1e6)`)
				b.wait(`scrollY > 0`)
				b.settle()
				before := eval[float64](b, `last.getBoundingClientRect().top`)
				x, y := b.middle("#older")
				b.do(chromedp.MouseClickXY(x, y))
				b.waitCards(cards)
				b.settle()
				if moved := eval[float64](b, `last.getBoundingClientRect().top`) - before; math.Abs(moved) > 1 {
					t.Errorf("the last post moved by %.0f px when older ones came", moved)
				}
			}
		})
	}
}

func TestPage_TheFocusMovesToTheFirstAppendedPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(75)
	b := openLive(t, s, "/")
	b.run(`document.getElementById("older").focus()`)
	b.press(kb.Enter)
	b.waitCards(60)
	b.settle()
	b.wantFocus("appending", "45")
	top := eval[float64](b, `document.activeElement.getBoundingClientRect().top`)
	if room := eval[float64](b, `innerHeight`); top < 56 || top > room {
		t.Errorf("the first older post begins at %.0f px of a window of %.0f px", top, room)
	}
	if above := eval[float64](b, `document.querySelector('[data-seq="46"]').getBoundingClientRect().bottom`); above < 56 {
		t.Errorf("the page has scrolled past the last post that was read: it ends at %.0f px", above)
	}
}

func (b *tab) waitCards(n int) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelectorAll("#feed > .tweet").length === %d`, n))
}

// Edits and deletions that arrive during the request for a page of older posts apply to the posts
// of that page.
func TestPage_AppendedPostsIncludeTheirLatestChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(50)
	b := openLive(t, s, "/", preload(slowFetch))
	b.click("older")
	b.wait(`globalThis.release`)
	s.emit(destroyed(madeUp(20)))
	s.edit(19, "It says something else now.")
	b.waitPosition(52)
	b.run(`release()`)
	b.waitCards(49)
	if got := eval[string](b, `document.querySelector('[data-seq="19"] .tweet__text').innerText`); got != "It says something else now." {
		t.Errorf("the edited post says %q", got)
	}
	if eval[bool](b, `document.documentElement.outerHTML.includes("Post number 20.")`) {
		t.Error("the text of the deleted post is in the document")
	}
}

// slowFetch replaces fetch with a function whose responses wait until release() is called.
const slowFetch = `{ const real = fetch
	globalThis.fetch = async (...request) => { const response = await real(...request)
		await new Promise(done => (globalThis.release = done))
		return response } }`

func TestPage_OlderPostsOpenAsAPageWhereTheyCannotBeAppended(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(50)
	b := openLive(t, s, "/", preload(`if (!sessionStorage.tried) globalThis.fetch = () => { sessionStorage.tried = "yes"; return Promise.reject(new TypeError("no")) }`))
	b.click("older")
	b.waitDocument(`location.search.startsWith("?before=") && document.readyState === "complete"`)
	b.waitCards(20)
}

// The page never receives the events of a gap. It compares its posts with the log instead.
func TestPage_APostDeletedDuringAGapIsRemoved(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(60)
	b := openLive(t, s, "/")
	back := s.lose()
	b.waitState("reconnecting")
	s.emit(destroyed(madeUp(55)))
	s.edit(56, "It says something else now.")
	s.publish(600)
	back()
	b.click("now")
	b.wait(`document.querySelector("#feed > .gap")`)
	b.wait(`!document.documentElement.outerHTML.includes("Post number 55.")`)
	b.wait(`document.querySelector('[data-seq="56"]').innerText.includes("something else")`)
}
