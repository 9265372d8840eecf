package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

// watchedEvents replaces EventSource with a class that records its instances. While the global
// variable deaf is set, the instances receive no events.
const watchedEvents = `globalThis.streams = []
globalThis.EventSource = class extends EventSource {
	constructor(url) { super(url); globalThis.streams.push(this) }
	addEventListener(name, handler) { super.addEventListener(name, event => globalThis.deaf || handler(event)) }
}`

// hasten changes the script's timeouts of exactly ms milliseconds to the number of milliseconds in
// to.
func hasten(ms, to int) setting {
	return preload(fmt.Sprintf(`{ const real = setTimeout
		globalThis.setTimeout = (work, ms) => real(work, ms === %d ? %d : ms) }`, ms, to))
}

// openSlow opens a page, and waits until an event stream has replaced the WebSocket.
func openSlow(t *testing.T, s *site, path string, settings ...setting) *tab {
	t.Helper()
	b := open(t, s, path, append(settings, preload(watchedEvents))...)
	b.waitStatus("Live (slow)")
	return b
}

func (b *tab) waitStatus(words string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.getElementById("status").innerText === %q`, words))
}

func (b *tab) openStreams() int {
	b.t.Helper()
	return eval[int](b, `streams.filter(stream => stream.readyState !== EventSource.CLOSED).length`)
}

func TestPage_UsesEventStreamsWhereWebSocketsAreBlocked(t *testing.T) {
	t.Parallel() // these tests spend most of their time waiting
	for _, c := range []struct {
		status             int64
		cookie, words, now string
	}{
		{http.StatusForbidden, "en", "Live (slow)", "Live"},
		{http.StatusBadGateway, "ja", "ライブ（低速）", "ライブ"},
	} {
		t.Run(c.cookie, func(t *testing.T) {
			s := newSite(t, 0)
			s.publish(30)
			p := s.behindProxy("/websocket", c.status)
			b := open(t, s, "/?lang="+c.cookie)
			b.waitStatus(c.words)
			b.waitState("live")

			s.publish(5)
			b.waitShown(35)
			b.followsChanges(s)
			b.waitStatus(c.words)

			p.open()
			b.hide(true)
			b.hide(false)
			b.waitStatus(c.now)
		})
	}
}

func TestPage_ACutEventStreamLosesAndDuplicatesNoPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2000)
	s.publish(30)
	s.behindProxy("/websocket", http.StatusBadGateway)
	b := openSlow(t, s, "/")
	b.forget()
	b.cutWhilePostsCome(s, 3, 600)
	s.publish(30)
	b.waitShown(960)
	b.waitStatus("Live (slow)")
	b.wantAll(30, 960)
	if n := b.openStreams(); n != 1 {
		t.Errorf("%d streams are open, want 1", n)
	}
}

// While posts arrive, the page switches back to the WebSocket. Each case has another cause for the
// attempt.
func TestPage_ReturnsToTheWebSocketWhenItIsNoLongerBlocked(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*site, *tab){
		"seen again": func(_ *site, b *tab) { b.hide(true); b.hide(false) },
		"another network": func(s *site, b *tab) {
			back := b.goOffline(s)
			back()
			b.offline(false)
		},
		"the stream ended": func(s *site, _ *tab) { s.cut() },
		"five minutes on":  func(*site, *tab) {},
	}
	for name, happens := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 2000)
			s.publish(30)
			p := s.behindProxy("/websocket", http.StatusForbidden)
			settings := []setting{}
			if name == "five minutes on" {
				settings = append(settings, hasten(300_000, 300))
			}
			b := openSlow(t, s, "/", settings...)
			b.forget()
			s.publish(100)
			p.open()
			happens(s, b)
			s.publishAt(200, 2*time.Second)
			b.waitStatus("Live")
			s.publish(30)
			want := int(s.posts.Load())
			b.waitShown(want)
			b.wantAll(30, want)
			if n := b.openStreams(); n != 0 {
				t.Errorf("%d streams are still open", n)
			}
		})
	}
}

func (b *tab) offline(is bool) {
	command(b, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: is, DownloadThroughput: -1, UploadThroughput: -1})
}

// goOffline takes the network away. Until back is called, the site refuses connections too, because a
// page that is offline in this way can still open WebSockets.
func (b *tab) goOffline(s *site) (back func()) {
	b.t.Helper()
	back = s.lose()
	b.offline(true)
	b.waitState("offline")
	return back
}

// Connections that fail while the site is down don't show that a proxy blocks them.
func TestPage_ReturnsToTheWebSocketAfterTheSiteWasDown(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int64{"events get through": 0, "events don't": http.StatusBadGateway} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.publish(5)
			s.behindProxy("/streaming/events", status)
			b := openLive(t, s, "/")
			tries := make(chan bool, 1000) // room for more attempts than there can be
			s.onArrival(func() { tries <- true })
			back := s.lose()
			calm := b.impatient()
			for range 5 {
				select {
				case <-tries:
				case <-time.After(patience):
					t.Fatalf("the page doesn't try again: %s", b.summary())
				}
			}
			calm()
			back()
			s.publish(3)
			b.waitShown(8)
			b.waitStatus("Live")
		})
	}
}

func TestPage_OpensNoEventStreamAfterBeingOffline(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/", preload(watchedEvents), preload(countedSockets))
	back := b.goOffline(s)
	calm := b.impatient()
	b.wait(`sockets >= 6`)
	calm()
	back()
	b.offline(false)
	b.waitStatus("Live")
	if n := eval[int](b, `streams.length`); n != 0 {
		t.Errorf("%d streams were opened", n)
	}
}

const countedSockets = `globalThis.sockets = 0
globalThis.WebSocket = class extends WebSocket { constructor(url) { super(url); globalThis.sockets++ } }`

// impatient clicks "Try now" repeatedly until the returned function is called.
func (b *tab) impatient() (calm func()) {
	b.run(`globalThis.pressing = setInterval(() => document.getElementById("now").click(), 50)`)
	return func() { b.run(`clearInterval(pressing)`) }
}

// A script can't see the heartbeats of an event stream. The page therefore probes a silent stream,
// which the reader doesn't notice, and drops the stream if the probe gets no answer.
func TestPage_ASilentStreamIsProbedAndADeadOneIsDropped(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	s.behindProxy("/websocket", http.StatusForbidden)
	b := openSlow(t, s, "/", hasten(45_000, 6_000))
	b.run(`void (seen.states.length = 0)`)
	b.wait(`streams.length >= 2`)
	b.settle()
	if states := eval[[]string](b, `seen.states`); len(states) > 0 || b.openStreams() != 1 {
		t.Errorf("asked, the states were %v and %d streams are open, want none and 1", states, b.openStreams())
	}

	b.run(`void (globalThis.deaf = true)`)
	b.waitState("reconnecting")
	s.publish(3)
	b.run(`void (globalThis.deaf = false)`)
	b.click("now")
	b.waitShown(8)
	if got, want := eval[[]string](b, seqs), []string{"8", "7", "6", "5", "4", "3", "2", "1"}; !slices.Equal(got, want) {
		t.Errorf("posts %v, want %v", got, want)
	}
}

func TestPage_AGapInTheEventStreamIsShownInTheList(t *testing.T) {
	t.Parallel()
	s := newSite(t, 50)
	s.publish(30)
	s.behindProxy("/websocket", http.StatusForbidden)
	b := openSlow(t, s, "/")
	b.forget()
	back := s.lose()
	b.waitState("reconnecting")
	s.publish(400)
	back()
	b.click("now")
	b.waitShown(430)
	b.waitStatus("Live (slow)")
	b.wantRows(30, 430)
	b.wantGaps(1)
}

// Before a restart the server tells streams when to reconnect. After the restart, the log is a new
// one.
func TestPage_ARestartRaisesNoAlarmOnAnEventStream(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	s.behindProxy("/websocket", http.StatusForbidden)
	b := openSlow(t, s, "/")
	s.stop()
	b.waitState("reconnecting")
	s.start()
	s.emit(created(madeUp(6)))
	b.wait(`document.querySelector("#feed > article").innerText.includes("Post number 6.")`)
	b.waitStatus("Live (slow)")
	if row := eval[string](b, `document.querySelector("#feed > .gap")?.innerText ?? ""`); !strings.Contains(row, "may be missing") {
		t.Errorf("the gap says %q, want that some posts are missing", row)
	}
}
