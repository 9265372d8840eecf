package web_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
)

// A restarted program has a new log, and doesn't know what the page missed.
func TestPage_ARestartIsQuietAndAGapOfUnknownSize(t *testing.T) {
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	s.stop()
	b.waitState("reconnecting")
	s.start()
	s.emit(created(madeUp(6)))
	b.click("now")
	b.wait(`document.querySelector("#feed > .gap")?.innerText === "Some posts are not shown"`)
	s.emit(created(madeUp(7)))
	b.wait(`document.querySelector("#feed > article").innerText.includes("Post number 7.")`)

	texts := eval[[]string](b, `[...document.querySelectorAll("#feed > article")].map(row => /Post number \d+|Some posts/.exec(row.innerText)[0])`)
	want := []string{"Post number 7", "Post number 6", "Some posts", "Post number 5", "Post number 4", "Post number 3", "Post number 2", "Post number 1"}
	if !slices.Equal(texts, want) {
		t.Errorf("the list is %q, want %q", texts, want)
	}
	b.waitState("live")
}

func TestPage_ComesBackByItselfAfterARestart(t *testing.T) {
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	s.stop()
	s.start()
	s.emit(created(madeUp(6)))
	b.wait(`document.querySelector("#feed > article").innerText.includes("Post number 6.")`)
}

func (b *tab) freeze(frozen bool) {
	state := page.SetWebLifecycleStateStateActive
	if frozen {
		state = page.SetWebLifecycleStateStateFrozen
	}
	command(b, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
}

// A laptop that slept wakes to a connection that looks open and is not.
func TestPage_ThawedIsUpToDateAtOnce(t *testing.T) {
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	b.freeze(true)
	s.publish(20)
	s.cut()
	b.freeze(false)
	thawed := time.Now()
	b.waitShown(25)
	if after := time.Since(thawed); after > 2*time.Second {
		t.Errorf("up to date %v after waking, want 2s at most", after)
	}
}

// A link may die without a word: then what is asked when the page is seen again
// gets no answer.
func TestPage_ADeadLinkIsNoticedWhenThePageIsSeen(t *testing.T) {
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/", preload(deafSocket))
	b.run(`void (globalThis.deaf = true)`)
	s.publish(3)
	b.hide(true)
	b.hide(false)
	b.waitNot("live")
	b.run(`void (globalThis.deaf = false)`)
	b.click("now")
	b.waitShown(8)
	if got, want := eval[[]string](b, seqs), []string{"8", "7", "6", "5", "4", "3", "2", "1"}; !slices.Equal(got, want) {
		t.Errorf("posts %v, want %v", got, want)
	}
	b.wait(fmt.Sprintf(`Number(document.getElementById("feed").dataset.offset) === %d`, 8))
}

// deafSocket is a WebSocket that receives nothing while deaf is set.
const deafSocket = `globalThis.WebSocket = class extends WebSocket {
	set onmessage(handler) { super.onmessage = handler && (event => globalThis.deaf || handler(event)) }
}`
