package web_test

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// New posts arrive below the row with the filter. The row itself never moves while the reader uses it.
func TestPage_NewPostsDoNotMoveTheRowOfTheFilterWhileItIsUsed(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(*tab){
		"the focus is in the box": func(b *tab) { b.pressSlash() },
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
			b.run(`globalThis.scrolls = []; addEventListener("scroll", () => scrolls.push(scrollY))`)
			s.publish(1)
			b.waitShown(31)
			s.edit(31, "A much longer text. A much longer text. A much longer text. A much longer text. A much longer text.")
			b.waitPosition(32)
			b.settle()
			if got := eval[[]float64](b, `scrolls`); len(got) > 0 {
				t.Errorf("the page was scrolled to %v", got)
			}
		})
	}
}
