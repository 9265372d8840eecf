package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPage_TheStatusDescribesTheConnection(t *testing.T) {
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")

	back := s.lose()
	lost := time.Now()
	b.waitState("reconnecting")
	b.wantSoon("reconnecting", lost, time.Second)
	if words := b.text("status"); !strings.HasPrefix(words, "Reconnecting (try ") {
		t.Errorf("the page says %q, want Reconnecting (try N)", words)
	}
	s.publish(12)
	back()
	returned := time.Now()
	b.click("now")
	b.waitShown(42)
	b.wantSoon("recovered", returned, 2*time.Second)
	b.wait(`document.getElementById("status").innerText === "Back. 12 posts caught up."`)
	b.waitState("live")

	want := []string{"live", "reconnecting", "recovered", "live"}
	if got := slices.Compact(eval[[]string](b, `seen.states`)); !slices.Equal(got, want) {
		t.Errorf("the states were %v, want %v", got, want)
	}
}

func TestPage_ReconnectsWithinTwoSecondsAfterACut(t *testing.T) {
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	s.cut()
	began := time.Now()
	b.waitState("recovered")
	b.wantSoon("recovered", began, 2*time.Second)
}

// wantSoon expects that the page entered a state within a time after since. It uses the time that
// the page recorded, because on a busy machine the test itself can learn of the state much later.
func (b *tab) wantSoon(state string, since time.Time, within time.Duration) {
	b.t.Helper()
	entered := time.UnixMilli(eval[int64](b, `seen.when["`+state+`"]`))
	if after := entered.Sub(since); after > within {
		b.t.Errorf("%s after %v, want %v at most", state, after, within)
	}
}

func TestPage_OfflineShowsTheTimeOfTheLastUpdate(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	back := b.goOffline(s)
	b.wait(`/^Offline\. Posts up to \d\d:\d\d\.$/.test(document.getElementById("status").innerText)`)
	s.publish(3)
	back()
	b.offline(false)
	b.waitShown(8)
	b.waitState("live")
}

// The network can fail and return while the page waits for its next attempt to connect, which can
// be 30 s away.
func TestPage_ShowsAtOnceThatTheNetworkFailedOrReturned(t *testing.T) {
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/", preload(`{ const real = Math.random; Math.random = () => real() / 1000 + .999 }`)) // makes jitter choose the longest waits
	back := s.lose()
	b.wait(`/try [3-9]/.test(document.getElementById("status").innerText)`)
	gone := time.Now()
	b.offline(true)
	b.waitState("offline")
	b.wantSoon("offline", gone, time.Second)
	s.publish(3)
	back()
	b.offline(false)
	b.waitShown(8)
	b.waitState("live")
}

func TestPage_APausedPageShowsNoNewPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(5)
	b := openLive(t, s, "/")
	b.click("pause")
	b.waitState("paused")
	b.forget()
	s.publish(20)
	b.wait(`document.getElementById("pill").dataset.count === "20" && document.getElementById("status").innerText === "Paused"`)
	if rows := b.rows(); len(rows) > 0 {
		t.Errorf("%d rows came in while paused", len(rows))
	}
	if got := eval[string](b, `document.getElementById("pause").dataset.paused + document.getElementById("pill").dataset.count`); got != "true20" {
		t.Errorf("paused, and the count of the pill: %s, want true20", got)
	}
	if got := eval[string](b, `document.getElementById("pause").innerText.trim()`); got != "Resume" {
		t.Errorf("the button of a paused page is called %q, want Resume", got)
	}

	back := s.lose()
	b.waitState("reconnecting") // a lost connection is shown even while the page is paused
	back()
	b.click("now")
	b.waitState("paused")
	b.visit(s.url)
	b.waitState("paused") // a reload keeps the page paused
	b.click("pause")
	b.waitState("live")
	s.publish(1)
	b.waitShown(26)
}

// hide makes the page believe that its tab is in the background, or visible again.
func (b *tab) hide(hidden bool) {
	b.run(fmt.Sprintf(`Object.defineProperty(document, "hidden", { configurable: true, value: %t })
		document.dispatchEvent(new Event("visibilitychange"))`, hidden))
}

func TestPage_AHiddenTabRendersNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.hide(true)
	b.forget()
	s.publish(20)
	b.wait(`document.title === "(20) Nagare"`)
	b.waitPosition(50)
	if rows := b.rows(); len(rows) > 0 {
		t.Errorf("%d rows came in while nobody could see them", len(rows))
	}
	b.hide(false)
	b.waitShown(50)
	b.wantRows(30, 50)
}

func TestPage_NoPostIsInsertedAboveTheFocusedPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(30)
	b := openLive(t, s, "/")
	b.forget()
	b.run(`document.querySelector("#feed > article").focus()`)
	s.publish(12)
	b.wait(`document.getElementById("pill").dataset.count === "12"`)
	if rows := b.rows(); len(rows) > 0 {
		t.Errorf("%d rows came in above the post that has the focus", len(rows))
	}
	if got, want := b.text("status"), "Reading"; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
	b.run(`document.activeElement.blur()`)
	b.waitShown(42)
}
