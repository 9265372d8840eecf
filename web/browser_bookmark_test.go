package web_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/chromedp/chromedp"
)

const top40 = `document.querySelector('[data-seq="40"]').getBoundingClientRect().top`

// readDown scrolls down to post 40, and then publishes posts, which wait behind the pill.
func (b *tab) readDown(s *site) (top float64) {
	b.t.Helper()
	b.run(`scrollBy(0, ` + top40 + ` - 200)`)
	b.settle()
	s.publish(5)
	b.wait(`document.getElementById("pill").dataset.count === "5"`)
	return eval[float64](b, top40)
}

func TestPage_AReloadKeepsTheReadersPlace(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*site, *tab){
		"reload": func(_ *site, b *tab) { b.do(chromedp.Reload()) },
		"back": func(s *site, b *tab) {
			b.visit(s.url + "/version")
			b.run(`void setTimeout(() => history.back())`) // so that the answer is not lost
			b.waitDocument(`document.getElementById("feed") !== null`)
		},
		"discarded tab": func(s *site, b *tab) { // the browser loads a tab again that it has discarded
			preload(`Object.defineProperty(Document.prototype, "wasDiscarded", { value: true })`)(b)
			b.visit(s.url + "/")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(60)
			b := openLive(t, s, "/")
			before := b.readDown(s)
			leave(s, b)
			s.publish(2)
			b.waitState("reading")
			b.wait(`document.getElementById("pill").dataset.count === "7"`)
			if got := eval[float64](b, top40); math.Abs(got-before) > 1 {
				t.Errorf("the post being read is at %.0f px, want %.0f", got, before)
			}
			if got := eval[string](b, `document.querySelector("#feed > article").dataset.seq`); got != "60" {
				t.Errorf("the list begins with post %s, want 60 as before", got)
			}
			b.click("pill")
			b.waitShown(67)
			b.wantGaps(0)
		})
	}
}

func TestPage_AReloadKeepsAPlaceAmongAppendedPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(90)
	b := openLive(t, s, "/")
	b.click("older")
	b.waitCards(60)
	before := b.readDown(s)
	s.emit(destroyed(madeUp(50)))
	b.waitPosition(96)
	s.publish(30)
	b.do(chromedp.Reload())
	b.wait(fmt.Sprintf(`document.querySelector('[data-seq="40"]') && Math.abs(%s - %v) <= 1`, top40, before))
	b.wait(`document.getElementById("pill").dataset.count === "35"`)
	if eval[bool](b, `document.documentElement.outerHTML.includes("Post number 50.")`) {
		t.Error("a deleted post is back")
	}
}

func TestPage_AReloadAtTheTopShowsTheNewestPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(60)
	b := openLive(t, s, "/")
	b.readDown(s)
	b.run(`scrollTo(0, 0)`)
	b.waitShown(65)
	b.do(chromedp.Reload())
	b.waitState("live")
	s.publish(1)
	b.waitShown(66)
	b.wait(`scrollY === 0`)
}

// Posts that the log has dropped, and posts of an earlier log, can't be shown again after a
// reload.
func TestPage_AReloadAfterALongTimeShowsAGap(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(60)
	b := openLive(t, s, "/")
	before := b.readDown(s)
	s.publish(600)
	b.do(chromedp.Reload())
	b.wait(fmt.Sprintf(`document.querySelector('[data-seq="40"]') && Math.abs(%s - %v) <= 1`, top40, before))
	b.wait(`!document.getElementById("pill").hidden`)
	b.click("pill")
	b.wait(`document.querySelector("#feed > .gap")`)
	s.stop()
	s.start()
	s.publish(3)
	b.run(`scrollTo(0, 1500)`)
	b.do(chromedp.Reload())
	b.waitState("live")
	b.waitCards(3)
}
