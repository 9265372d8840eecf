package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
)

// A restarted program has a new log and doesn't know how many posts the page missed.
func TestPage_ARestartRaisesNoAlarmAndLeavesAGapOfUnknownSize(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	s.stop()
	b.waitState("reconnecting")
	s.start()
	s.emit(created(madeUp(6)))
	b.click("now")
	b.wait(`/^Posts of .* may be missing$/.test(document.querySelector("#feed > .gap")?.innerText)`)
	s.emit(created(madeUp(7)))
	b.wait(`document.querySelector("#feed > article").innerText.includes("Post number 7.")`)

	texts := eval[[]string](b, `[...document.querySelectorAll("#feed > article")].map(row => /Post number \d+|may be missing/.exec(row.innerText)[0])`)
	want := []string{"Post number 7", "Post number 6", "may be missing", "Post number 5", "Post number 4", "Post number 3", "Post number 2", "Post number 1"}
	if !slices.Equal(texts, want) {
		t.Errorf("the list is %q, want %q", texts, want)
	}
	b.waitState("live")
}

// The link to older posts is either a position in the current log, or missing.
func TestPage_TheLinkToOlderPostsNeverNamesAReplacedLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(190)
	b := openLive(t, s, "/")
	s.stop()
	b.waitState("reconnecting")
	s.start()
	b.click("now")
	b.wait(`document.querySelector("#feed > .gap")`)
	b.click("pause")                                // so that on any machine, all waiting posts are inserted at once
	for newest := 30; newest <= 300; newest += 30 { // the cards of the old log are removed first, and then the oldest of the new log
		s.publish(30)
		b.waitPosition(newest)
		b.click("pill")
		b.waitShown(newest)
		href := eval[string](b, `document.getElementById("older").getAttribute("href")`)
		last := eval[string](b, `[...document.querySelectorAll("#feed > .tweet")].at(-1).dataset.seq ?? ""`)
		want := "/"
		if last != "" && last != "1" {
			want = "/?before=" + eval[string](b, `document.getElementById("feed").dataset.epoch`) + ":" + last
		}
		if href != want {
			t.Errorf("the last post is %q and older leads to %q, want %q", last, href, want)
		}
	}
}

func TestPage_ReconnectsByItselfAfterARestart(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	s.stop()
	s.start()
	s.emit(created(madeUp(6)))
	b.wait(`document.querySelector("#feed > article").innerText.includes("Post number 6.")`)
}

// The page can notice a loss long after it happened. It then shows the time at which it last
// received a frame.
func TestPage_OfflineAfterASleepShowsTheTimeBeforeTheSleep(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/", preload(`{ const real = Date.now; globalThis.awake = real(); Date.now = () => real() + (globalThis.slept ?? 0) }`))
	const hour = `new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format`
	times := eval[[]string](b, `[awake, Date.now()].map(`+hour+`)`)
	b.run(`globalThis.slept = 3_600_000`)
	b.goOffline(s)
	if got := b.text("status"); !strings.Contains(got, times[0]) && !strings.Contains(got, times[1]) {
		t.Errorf("the page says %q, want a time of %q", got, times)
	}
	b.offline(false)
}

func (b *tab) freeze(frozen bool) {
	state := page.SetWebLifecycleStateStateActive
	if frozen {
		state = page.SetWebLifecycleStateStateFrozen
	}
	command(b, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
}

// After a computer has slept, its connections still look open but are dead. A busy machine can
// delay one recovery. A delay of the page's own would delay all three.
func TestPage_ReceivesMissedPostsAtOnceAfterTheComputerSlept(t *testing.T) {
	var all []time.Duration
	for range 3 {
		after := recoveryAfterSleep(t)
		if after <= 2*time.Second {
			return
		}
		all = append(all, after)
	}
	t.Errorf("up to date %v after waking, want 2s at most", all)
}

// recoveryAfterSleep is the time from waking to the appearance of the newest missed post.
func recoveryAfterSleep(t *testing.T) time.Duration {
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	b.freeze(true)
	s.publish(20)
	s.cut()
	b.freeze(false)
	thawed := time.Now()
	b.waitShown(25)
	rows := b.rows()
	return time.UnixMilli(rows[len(rows)-1].At).Sub(thawed)
}

// A connection can die without a close frame. The request that the page sends when it becomes
// visible then gets no answer.
func TestPage_ADeadConnectionIsDetectedWhenThePageBecomesVisible(t *testing.T) {
	t.Parallel()
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

// deafSocket replaces WebSocket with a class that receives nothing while the global variable deaf
// is set.
const deafSocket = `globalThis.WebSocket = class extends WebSocket {
	set onmessage(handler) { super.onmessage = handler && (event => globalThis.deaf || handler(event)) }
}`

// A page that has just subscribed must not subscribe again when it becomes visible: the second
// answer would report the same gap again.
func TestPage_BecomingVisibleDoesNotSubscribeTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/", preload(toldSocket), preload(lateSocket))
	s.stop()
	b.waitState("reconnecting")
	b.run(`void (globalThis.held = [])`)
	s.start()
	s.publish(3)
	b.click("now")
	b.wait(`held.length > 0`)
	b.click("now")
	if n := eval[int](b, `subscribed`); n != 2 {
		t.Errorf("subscribed %d times, want once when it was opened and once when it came back", n)
	}
	b.run(`held.splice(0).forEach(pass => pass()); void (globalThis.held = null)`)
	b.waitShown(3)
	b.wantGaps(1)
}

// lateSocket replaces WebSocket with a class that delays messages: while the global variable held
// is a list, it appends their delivery to that list. The first message is never delayed.
const lateSocket = `globalThis.held = null
globalThis.WebSocket = class extends WebSocket {
	set onmessage(handler) {
		super.onmessage = handler && (event =>
			globalThis.held && !event.data.includes("client_connected") ? held.push(() => handler(event)) : handler(event))
	}
}`

// A ping can overtake events in the log. On a slow connection, it then announces posts that arrive
// later. The page subscribes again only if none of them arrives.
func TestPage_ASlowConnectionIsNotTreatedAsLost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/", preload(toldSocket))
	b.run(`tell(1000)`)
	s.publishAt(5, 4*time.Second)
	if n := eval[int](b, `subscribed`); n != 1 {
		t.Errorf("subscribed %d times while posts came in, want once", n)
	}
	b.wait(`document.getElementById("feed").dataset.offset === "25"`) // all posts must have arrived before the next ping
	b.run(`tell(1000)`)
	b.wait(`subscribed === 2`)
}

// toldSocket replaces WebSocket with a class that counts subscriptions. The function tell delivers
// a ping that announces an offset.
const toldSocket = `globalThis.subscribed = 0
globalThis.WebSocket = class extends WebSocket {
	send(frame) { globalThis.subscribed += frame.includes("subscribe"); super.send(frame) }
	set onmessage(handler) {
		super.onmessage = handler
		globalThis.tell = offset => handler({ data: JSON.stringify([["websocket_rails.ping",
			{ data: { heads: { streaming: { epoch: document.getElementById("feed").dataset.epoch, offset } } } }]]) })
	}
}`
