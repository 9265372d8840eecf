package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// middle returns the coordinates of the middle of the first element that the selector matches.
func (b *tab) middle(selector string) (x, y float64) {
	b.t.Helper()
	at := eval[[]float64](b, fmt.Sprintf(`(({ x, y, width, height }) => [x + width / 2, y + height / 2])(document.querySelector(%q).getBoundingClientRect())`, selector))
	return at[0], at[1]
}

func (b *tab) pointAt(selector string) {
	b.t.Helper()
	x, y := b.middle(selector)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}

func TestPage_APointerAtRestHoldsNewPostsOnlyForAWhile(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.pointAt(`#feed .tweet__text`)
	b.forget()
	s.publish(3)
	b.wait(`document.getElementById("pill").dataset.count === "3"`)
	b.waitStatus("Reading")
	if rows := b.rows(); len(rows) > 0 {
		t.Errorf("%d rows came in under a moving pointer", len(rows))
	}
	b.waitShown(33) // even though the pointer is still over a post
	b.wait(glideIsOver)
	b.pointAt(`#feed > article:nth-of-type(2) .tweet__text`)
	s.publish(1)
	b.wait(`document.getElementById("pill").dataset.count === "1"`)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 2, 400)) // the pointer leaves the list
	b.waitShown(34)
}

func TestPage_AClickOnAPostDoesNotStopTheStream(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	x, y := b.middle(`#feed .tweet__text`)
	b.do(chromedp.MouseClickXY(x, y))
	if !eval[bool](b, `document.activeElement.matches("#feed > article")`) {
		t.Error("a click doesn't give the post the focus")
	}
	s.publish(3)
	b.wait(`document.querySelector("#feed > article").dataset.seq === "33" || !document.getElementById("pill").hidden`)
	if !eval[bool](b, `document.getElementById("pill").hidden`) {
		t.Fatal("new posts wait")
	}
	b.waitState("live")
}

func TestPage_KeyboardFocusInTheListHoldsNewPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.press("j")
	b.forget()
	s.publish(3)
	b.wait(`document.getElementById("pill").dataset.count === "3"`)
	if rows := b.rows(); len(rows) > 0 {
		t.Errorf("%d rows came in above the post that has the focus", len(rows))
	}
	b.press(kb.Escape)
	b.waitShown(33)
}

// The browser returns the focus to a link when the reader comes back from the page that the link
// has opened. That isn't the focus of the keyboard.
func TestPage_ComingBackFromALinkDoesNotStopTheStream(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(29)
	linked := madeUp(30)
	linked.URL = "https://example.com/30"
	s.emit(created(linked))
	s.posts.Store(30)
	b := openLive(t, s, "/", preload(`addEventListener("click", event => event.preventDefault())`))
	x, y := b.middle(`#feed .tweet__original`)
	b.do(chromedp.MouseClickXY(x, y))
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 2, 400)) // the pointer leaves the list
	command(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: false})
	command(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if !eval[bool](b, `document.activeElement.matches(".tweet__original")`) {
		t.Error("the link has lost the focus")
	}
	s.publish(3)
	b.wait(`document.querySelector("#feed > article").dataset.seq === "33" || !document.getElementById("pill").hidden`)
	if !eval[bool](b, `document.getElementById("pill").hidden`) {
		t.Fatal("new posts wait")
	}
	b.waitState("live")
}
