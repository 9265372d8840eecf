package web_test

import (
	"testing"
)

// A card with invalid HTML is replaced by a gap; other posts are shown.
func TestPage_AnInvalidCardAffectsNoOtherPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	broken := map[string]string{"id": "odd", "html": `<article class="tweet" data-post="odd">It has no time.</article>`}
	b := openLive(t, s, "/")
	if _, err := s.channel.Trigger(t.Context(), "create", broken); err != nil {
		t.Fatal(err)
	}
	s.publish(1)
	b.waitShown(5)
	b.wait(`/^About 1 post of \d\d:\d\d(–\d\d:\d\d)? is missing$/.test(document.querySelector("#feed > .gap").innerText)`)
	b.wantReport("TypeError")

	b.visit(s.url) // now the server has rendered the card into the page
	b.waitState("live")
	s.publish(1)
	b.waitShown(6)
	b.wantReport("TypeError")
}

// A reader who presses a button while the page scrolls to new posts is still at the top.
func TestPage_PressingAButtonDoesNotStopTheGlideOfNewPosts(t *testing.T) {
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.run(`void new Promise(done => { const look = () => document.getElementById("flow").style.translate ? done(press()) : requestAnimationFrame(look)
		const press = () => { const pause = document.getElementById("pause")
			pause.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })); pause.click(); globalThis.glides = document.getElementById("flow").style.translate !== "" }
		look() })`)
	s.publish(5)
	b.wait(`"glides" in globalThis && ` + glideIsOver)
	if !eval[bool](b, `glides && scrollY === 0`) {
		t.Error("the press stopped the glide, or scrolled the page")
	}
	b.click("pause")
	b.waitState("live")
}

// A browser dispatches the end of a touch to the touched element, even after that element has left
// the document.
func TestPage_ATouchEndsEvenIfItsPostWasDeleted(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	b.run(`globalThis.touched = document.querySelector('[data-seq="3"] .tweet__text')
		globalThis.touch = (name, ...touches) => touched.dispatchEvent(new TouchEvent(name, { bubbles: true, touches }))
		touch("touchstart", new Touch({ identifier: 1, target: touched }))`)
	s.publish(1)
	b.wait(`document.getElementById("pill").dataset.count === "1"`)
	s.emit(destroyed(madeUp(3)))
	b.wait(`!touched.isConnected`)
	b.run(`touch("touchend")`)
	b.waitShown(6)
}

// The focus of a removed post moves to the next post or, from the last one, to the previous one.
func TestPage_TheFocusOfTheLastPostGoesToTheOneBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(3)
	b := openLive(t, s, "/")
	b.run(`document.querySelector('[data-seq="1"]').focus()`)
	s.emit(destroyed(madeUp(1)))
	b.wait(`document.querySelector(".grave")`)
	b.wantFocus("the last post went", "2")
}
